import Crypto
import EnvprobeModel
import FoundationEssentials

/// What an evidence pack holds: its `manifest.json`.
public struct EvidenceManifest: Hashable, Sendable, Codable {
  public static let currentSchema = "envprobe.pack/1"
  public static let path = "manifest.json"
  /// The Ed25519 signature of the manifest's bytes, 64 of them.
  public static let signaturePath = "manifest.sig"

  public struct File: Hashable, Sendable, Codable {
    public var path: String
    /// Bytes.
    public var size: Int
    /// In hex.
    public var sha256: String
  }

  public var schema: String = Self.currentSchema
  /// Who packed: `envprobe 0.1.0`. The one that made the runs is in `inputs/tool.json` and in each `run.json`.
  public var tool: String
  public var subject: Subject
  /// `nil` for the record of a single run, which concludes nothing.
  public var conclusion: Report.Conclusion?
  /// Every other file, in the order of the archive.
  public var files: [File] = []

  public init(tool: String, subject: Subject, conclusion: Report.Conclusion?) {
    self.tool = tool
    self.subject = subject
    self.conclusion = conclusion
  }
}

/// Writes an evidence pack: a zip archive that ends with a manifest of SHA-256 over all its files, a signature of that
/// manifest where a key is given, and in its comment the SHA-256 of all bytes before.
///
/// The manifest says which file was changed; the comment finds a changed byte where no file would: in the archive's own
/// fields, or in a stream that unpacks to the same. It does no I/O: each call returns the bytes that come next. Equal
/// files and keys give equal bytes, since Ed25519 signatures are deterministic.
public struct EvidencePackWriter {
  static let commentPrefix = "envprobe.pack/1 sha256 of all bytes before this comment: "

  private var manifest: EvidenceManifest
  private var archive = ZipWriter()
  private var digest = SHA256()

  /// - Parameter manifest: without files; they are added as they come.
  public init(_ manifest: EvidenceManifest) { self.manifest = manifest }

  public mutating func file(_ path: String, _ contents: [UInt8]) throws(ArchiveError) -> [UInt8] {
    if [EvidenceManifest.path, EvidenceManifest.signaturePath].contains(path) {
      throw ArchiveError(.write, subject: path, reason: "the pack has a file of that name itself")
    }
    manifest.files.append(
      .init(path: path, size: contents.count, sha256: Hexadecimal.encode(SHA256.hash(data: contents))))
    return try append(path, contents)
  }

  public mutating func end(signedBy key: EvidenceSigningKey? = nil) throws(ArchiveError) -> [UInt8] {
    let text: String
    do { text = try StableJSON.encode(manifest) } catch {
      throw ArchiveError(.write, subject: EvidenceManifest.path, reason: "\(error)")
    }
    var bytes = try append(EvidenceManifest.path, Array(text.utf8))
    if let key { bytes += try append(EvidenceManifest.signaturePath, try key.signature(of: Array(text.utf8))) }
    let end = archive.end(commentLength: Self.commentPrefix.utf8.count + 64)
    digest.update(data: end)
    return bytes + end + Array((Self.commentPrefix + Hexadecimal.encode(digest.finalize())).utf8)
  }

  private mutating func append(_ path: String, _ contents: [UInt8]) throws(ArchiveError) -> [UInt8] {
    let bytes = try archive.entry(path, contents)
    digest.update(data: bytes)
    return bytes
  }
}
