import EnvprobeCompare
import EnvprobeModel
import EnvprobeRecorder

extension MatrixExplanation {
  /// Reads what the finished runs of a matrix left.
  ///
  /// - Parameter report: what the matrix came to.
  public init(folder: MatrixFolder, report: Report) throws {
    let state = try MatrixState(try folder.readJournal(), path: folder.journalPath)
    var runs: [RunObservations] = []
    var manifests: [String: RunManifest] = [:]
    for id in state.finished.keys.sorted() {
      let trace = try BundleReader.read(folder.bundlePath(of: id))
      runs.append(RunObservations(trace: trace))
      manifests[id] = trace.manifest
    }
    self.init(design: state.design, report: report, runs: runs, manifests: manifests)
  }
}
