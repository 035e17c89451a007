import Crypto
import EnvprobeModel
import FoundationEssentials

/// What became of an evidence pack since it was written.
public struct EvidenceCheck: Sendable {
  public enum Signature: Hashable, Sendable {
    case none
    /// There is one, but no key to check it with.
    case unchecked
    case valid(fingerprint: String)
    case invalid
    /// A key was given, but there is no signature.
    case missing
  }

  public let manifest: EvidenceManifest
  public let signature: Signature
  /// What is not as it was packed; sentences, empty where every byte is.
  public let problems: [String]

  /// Throws where the archive cannot be read at all, or is no evidence pack.
  public init(_ bytes: [UInt8], key: EvidenceVerifyingKey? = nil) throws(ArchiveError) {
    let archive = try ZipReader(bytes)
    guard let entry = archive.entries.first(where: { $0.path == EvidenceManifest.path }) else {
      throw ArchiveError(.read, subject: "the archive", reason: "it has no \(EvidenceManifest.path): no evidence pack")
    }
    let text = try archive.contents(of: entry)
    do { manifest = try JSONDecoder().decode(EvidenceManifest.self, from: Data(text)) } catch {
      throw ArchiveError(.read, subject: EvidenceManifest.path, reason: "it is no manifest of an evidence pack")
    }
    guard manifest.schema == EvidenceManifest.currentSchema else {
      throw ArchiveError(
        .read, subject: EvidenceManifest.path, reason: "its schema is '\(manifest.schema)', unknown to this envprobe")
    }
    var problems = Self.problems(of: manifest, in: archive)
    let (prefix, body) = (EvidencePackWriter.commentPrefix, bytes.dropLast(archive.comment.count))
    if !archive.comment.elementsEqual((prefix + Hexadecimal.encode(SHA256.hash(data: body))).utf8) {
      problems.append("the archive's bytes are not those that were written: their digest is another")
    }
    signature = Self.signature(of: text, in: archive, key: key)
    if signature == .invalid { problems.append("the signature is not one of the manifest with this key") }
    if signature == .missing { problems.append("there is no signature to check with the key") }
    self.problems = problems
  }

  /// What the pack is and who signed it, for people.
  public func text(pack: String) -> String {
    let executable = manifest.subject.executable
    var rows = [
      ("pack", "\(pack): \(manifest.files.count) files\(problems.isEmpty ? ", each as it was packed" : "")"),
      ("program", CommandLine.text(manifest.subject.argv)),
      ("", "\(VisibleText.escape(executable.path)), SHA-256 \(VisibleText.escape(executable.sha256))"),
    ]
    if let conclusion = manifest.conclusion { rows.append(("conclusion", conclusion.rawValue)) }
    rows.append(("packed by", VisibleText.escape(manifest.tool)))
    let signed =
      switch signature {
      case .none: "none: anybody could have packed this"
      case .unchecked: "there is one, not checked: name the public key with --key"
      case .valid(let fingerprint): "valid, of the key with SHA-256 \(fingerprint)"
      case .invalid: "NOT of this key"
      case .missing: "none, where one was asked for"
      }
    rows.append(("signature", signed))
    return rows.map { $0.0 + String(repeating: " ", count: 12 - $0.0.count) + $0.1 + "\n" }.joined()
  }

  private static func problems(of manifest: EvidenceManifest, in archive: ZipReader) -> [String] {
    var problems: [String] = []
    let known = Dictionary(manifest.files.map { ($0.path, $0) }) { first, _ in first }
    let own = [EvidenceManifest.path, EvidenceManifest.signaturePath]
    var seen: Set<String> = []
    for entry in archive.entries where !own.contains(entry.path) {
      let name = VisibleText.escape(entry.path)
      guard let file = known[entry.path] else {
        problems.append("\(name) was added: the manifest does not have it")
        continue
      }
      seen.insert(entry.path)
      do throws(ArchiveError) {
        let contents = try archive.contents(of: entry)
        if contents.count != file.size || Hexadecimal.encode(SHA256.hash(data: contents)) != file.sha256 {
          problems.append("\(name) was changed: its SHA-256 is not that of the manifest")
        }
      } catch { problems.append("\(name) was changed: \(error.reason)") }
    }
    for file in manifest.files where !seen.contains(file.path) {
      problems.append("\(VisibleText.escape(file.path)) is missing")
    }
    return problems
  }

  private static func signature(of manifest: [UInt8], in archive: ZipReader, key: EvidenceVerifyingKey?) -> Signature {
    guard let entry = archive.entries.first(where: { $0.path == EvidenceManifest.signaturePath }) else {
      return key == nil ? .none : .missing
    }
    guard let key else { return .unchecked }
    guard let signature = try? archive.contents(of: entry) else { return .invalid }
    return key.isSignature(signature, of: manifest) ? .valid(fingerprint: key.fingerprint) : .invalid
  }
}
