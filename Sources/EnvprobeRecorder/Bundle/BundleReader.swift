import EnvprobeModel
import FoundationEssentials
import Glibc

/// Reads a bundle, also one whose writer was killed.
public enum BundleReader {
  /// - Parameter directory: The bundle's folder. Its name is the trace's id.
  /// - Throws: Where the folder is no bundle, is one of another version, or holds a line that is no event. A last line
  ///   that was cut off is no error: it becomes a gap, as does a manifest that was never finished.
  public static func read(_ directory: String) throws(BundleError) -> Trace {
    var manifest = try readManifest(directory)
    let (events, isCut) = try readEvents(directory)
    let isFinished = manifest.exit != nil || !manifest.counts.isEmpty || !manifest.gaps.isEmpty
    if !isFinished {
      for case .gap(let gap) in events.lazy.map(\.payload) { manifest.note(gap) }
      manifest.counts = events.reduce(into: [:]) { $0[$1.payload.kind, default: 0] += 1 }
      manifest.note(Gap(kind: .bundle, detail: "the record ends before the run does"))
    }
    if isCut {
      manifest.note(Gap(kind: .bundle, detail: "the last line of \(BundleFile.events) is cut off"))
      manifest.complete = false
    }
    return Trace(
      id: String(directory.split(separator: "/").last ?? ""), manifest: manifest, events: events,
      blobs: try readBlobs(directory))
  }

  /// `run.json` alone.
  public static func readManifest(_ directory: String) throws(BundleError) -> RunManifest {
    struct Version: Decodable { var schema: String }
    let path = directory + "/" + BundleFile.manifest
    let bytes: [UInt8]
    do {
      bytes = try readFile(path)
    } catch let error where error.errno == ENOENT || error.errno == ENOTDIR {
      throw BundleError(
        "read", subject: directory, detail: "no bundle: it has no \(BundleFile.manifest)",
        hint: "a bundle is the folder that 'envprobe run --out' or 'envprobe matrix --out' makes")
    }
    do {
      let version = try JSONDecoder().decode(Version.self, from: Data(bytes))
      guard version.schema == RunManifest.currentSchema else {
        throw BundleError(
          "read", subject: path,
          detail: "its schema is '\(version.schema)', and this envprobe reads '\(RunManifest.currentSchema)'")
      }
      return try JSONDecoder().decode(RunManifest.self, from: Data(bytes))
    } catch let error as BundleError {
      throw error
    } catch {
      throw BundleError("read", subject: path, detail: explanation(of: error))
    }
  }

  private static func readEvents(_ directory: String) throws(BundleError) -> (events: [Event], isCut: Bool) {
    let path = directory + "/" + BundleFile.events
    let bytes = try readFile(path)
    var events: [Event] = []
    let decoder = JSONDecoder()
    var start = 0
    var line = 1
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      do {
        let call = bytes.withUnsafeBufferPointer {
          EventLineParser.syscall(UnsafeBufferPointer(rebasing: $0[start..<end]))
        }
        events.append(try call ?? decoder.decode(Event.self, from: Data(bytes[start..<end])))
      } catch {
        throw BundleError("read", subject: "\(path):\(line)", detail: explanation(of: error))
      }
      start = end + 1
      line += 1
    }
    return (events, start < bytes.count)
  }

  private static func readBlobs(_ directory: String) throws(BundleError) -> [String: [UInt8]] {
    let path = directory + "/" + BundleFile.blobs
    guard let folder = opendir(path) else {
      if errno == ENOENT { return [:] }
      throw BundleError("read", subject: path, errno: errno)
    }
    defer { closedir(folder) }
    var blobs: [String: [UInt8]] = [:]
    while let entry = Glibc.readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      // Others are what a killed writer had not finished.
      guard name.utf8.count == 64, name.utf8.allSatisfy({ $0 != UInt8(ascii: ".") }) else { continue }
      blobs[name] = try readFile(path + "/" + name)
    }
    return blobs
  }

  private static func readFile(_ path: String) throws(BundleError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw BundleError("read", subject: path, errno: errno) }
    defer { close(file) }
    switch readAll(file) {
    case .success(let bytes): return bytes
    case .failure(let error): throw BundleError("read", subject: path, errno: error.errno)
    }
  }

  private static func explanation(of error: any Error) -> String {
    switch error {
    case DecodingError.dataCorrupted(let context): describe(context)
    case DecodingError.keyNotFound(let key, let context): describe(context, at: "'\(key.stringValue)' is missing")
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context): describe(context)
    default: "\(error)"
    }
  }

  private static func describe(_ context: DecodingError.Context, at detail: String? = nil) -> String {
    let place = context.codingPath.map(\.stringValue).joined(separator: ".")
    return (place.isEmpty ? "" : "\(place): ") + (detail ?? context.debugDescription)
  }
}

/// Reads to the end, at most `limit` bytes.
func readAll(_ file: Int32, limit: Int = .max) -> Result<[UInt8], RecorderError> {
  var status = stat()
  let expected = fstat(file, &status) == 0 ? max(0, Int(status.st_size)) : 0
  var bytes: [UInt8] = []
  var room = min(limit, max(expected + 1, 4096))
  while bytes.count < limit {
    let count = bytes.count
    var failure: Int32 = 0
    bytes.append(
      contentsOf: [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
        var got = read(file, buffer.baseAddress, room)
        while got < 0 && errno == EINTR { got = read(file, buffer.baseAddress, room) }
        if got < 0 { failure = errno }
        initialized = max(0, got)
      })
    if failure != 0 { return .failure(RecorderError("read", errno: failure)) }
    if bytes.count == count { break }
    room = min(limit - bytes.count, 64 << 10)
  }
  return .success(bytes)
}
