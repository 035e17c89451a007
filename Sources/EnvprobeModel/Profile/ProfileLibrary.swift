/// Finds profiles by name or path and puts together what they extend.
public struct ProfileLibrary: Sendable {
  /// A profile that is found by its name.
  public struct Source: Hashable, Sendable {
    public var name: String
    /// What error messages call its text: `cn.yaml (bundled)`.
    public var file: String
    public var text: String

    public init(name: String, file: String, text: String) {
      self.name = name
      self.file = file
      self.text = text
    }
  }

  /// The text of a file. What it throws is shown after `cannot read:`.
  public typealias Read = @Sendable (_ path: String) throws -> String

  private let sources: [Source]
  private let read: Read

  /// The profiles that come with envprobe; `read` brings those that are given as paths.
  public init(read: @escaping Read) { self.init(sources: Self.bundledSources, read: read) }

  public init(sources: [Source], read: @escaping Read) {
    self.sources = sources
    self.read = read
  }

  /// The names of the profiles that come with envprobe and are compared where none are named.
  ///
  /// They hold the matched controls that give a finding its class: `us-gateway` for any custom endpoint, `sg-gateway`
  /// for the same offset from UTC in another zone and language, `jp` for another language of the region.
  public static let defaultMatrix = ["us", "us-gateway", "sg-gateway", "jp", "cn", "cn-gateway", "cn-corp"]

  /// The names of the profiles that are found by name, in their order.
  public var names: [String] { sources.map(\.name) }

  /// The profile of that name, or in the file of that path: whatever holds a slash or ends in `.yaml` or `.yml`.
  public func profile(_ nameOrPath: String) throws(ProfileError) -> Profile {
    try resolve(nameOrPath, from: nil, chain: [])
  }

  /// The text of a profile as it is written, comments included.
  public func source(_ nameOrPath: String) throws(ProfileError) -> Source {
    try find(nameOrPath, from: nil)
  }

  /// Every problem that the file has, those of what it extends included.
  public func check(path: String) throws(ProfileError) { _ = try profile(path.contains("/") ? path : "./\(path)") }

  private func resolve(
    _ reference: String, from child: ProfileDocument?, chain: [Source]
  ) throws(ProfileError) -> Profile {
    let source = try find(reference, from: child)
    if let start = chain.firstIndex(where: { $0.file == source.file }) {
      let cycle = (chain[start...] + [source]).map(\.file).joined(separator: " → ")
      throw problem("'extends' goes in a circle: \(cycle)", at: child)
    }
    let document = try ProfileParser.parse(source.text, file: source.file, defaultName: source.name)
    guard let parent = document.extends else { return document.resolved(onto: nil) }
    return document.resolved(onto: try resolve(parent, from: document, chain: chain + [source]))
  }

  private func find(_ reference: String, from child: ProfileDocument?) throws(ProfileError) -> Source {
    guard reference.contains("/") || reference.hasSuffix(".yaml") || reference.hasSuffix(".yml") else {
      if let source = sources.first(where: { $0.name == reference }) { return source }
      throw problem(unknownName("profile", reference, known: names), at: child)
    }
    let path = normalized(reference.hasPrefix("/") ? reference : folder(of: child?.file) + reference)
    do {
      let text = try read(path)
      return Source(name: ProfileParser.stem(of: path), file: path, text: text)
    } catch let error as ProfileError {
      throw error
    } catch {
      throw problem("cannot read the profile \(path): \(error)", at: child)
    }
  }

  /// A problem at the `extends` of a document, or with what the user named.
  private func problem(_ text: String, at document: ProfileDocument?) -> ProfileError {
    guard let document else { return ProfileError([.init(source: "--profile", text: text)]) }
    let place = document.extendsPlace
    return ProfileError([.init(source: document.file, line: place?.line, column: place?.column, text: text)])
  }
}

private func folder(of file: String?) -> String {
  guard let file, let slash = file.lastIndex(of: "/") else { return "" }
  return String(file[...slash])
}

/// The path without `.` and without `folder/..`, so that one file has one name in a chain.
private func normalized(_ path: String) -> String {
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
  }
  return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}
