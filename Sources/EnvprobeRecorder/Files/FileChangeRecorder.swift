import EnvprobeModel

/// Records how folders differ after a run from what was there before it.
///
/// To be used when every process of the run has ended. Nothing is followed out of a folder, whatever links the program
/// left there; what cannot be read becomes a gap.
public struct FileChangeRecorder {
  /// How much is looked at.
  public struct Limits: Sendable {
    /// Bytes of a file up to which its contents are kept.
    public var kept = 1 << 20
    /// Bytes of a file up to which it is hashed.
    public var hashed = 256 << 20
    /// Changes that are recorded, and names that are looked at below a removed folder.
    public var changes = 50_000
    /// Folders within folders.
    public var depth = 128

    public init() {}
  }

  private let sink: any EventSink
  private let limits: Limits

  public init(sink: any EventSink, limits: Limits = Limits()) {
    self.sink = sink
    self.limits = limits
  }

  /// Records how a folder differs from what was placed in it.
  public func record(_ root: FileChange.Root, folder path: String, before: FolderSnapshot = .empty) {
    record(root, path) { comparison throws(RecorderError) in
      var seen: Set<ByteString> = []
      comparison.compare(try Folder(path: path), with: before, prefix: [], depth: 0, seen: &seen)
      let missing = before.entries.filter { !seen.contains($0.key) }
      for (path, entry) in missing.sorted(by: { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }) {
        comparison.removed(path.bytes, kind: entry.kind, mode: entry.mode, size: entry.size)
      }
    }
  }

  /// Records what an overlay's upper folder changes of its lower one.
  public func record(_ root: FileChange.Root, upper: String, lower: String) {
    record(root, upper) { comparison throws(RecorderError) in
      comparison.compare(upper: try Folder(path: upper), lower: try Folder(path: lower), prefix: [], depth: 0)
    }
  }

  private func record(
    _ root: FileChange.Root, _ path: String, _ body: (inout FolderComparison) throws(RecorderError) -> Void
  ) {
    var comparison = FolderComparison(root: root, sink: sink, limits: limits)
    do {
      try body(&comparison)
    } catch {
      sink.record(.gap(Gap(kind: .files, detail: "\(root.rawValue): \(error)")))
    }
    comparison.finish()
  }
}
