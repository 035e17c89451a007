import EnvprobeModel

extension TraceReader {
  /// The observations of a body, a file or a stream: by field where it has fields, by line where it has lines.
  ///
  /// - Parameter type: The content type that the sender gave, where there is one. What the bytes are is decided by the
  ///   bytes; the type only settles what they do not tell.
  mutating func content(
    _ bytes: [UInt8], type: String?, _ channel: Channel, _ location: String, _ tier: Observation.Tier
  ) {
    guard !bytes.isEmpty else { return }
    if let document = Self.json(bytes[...]) {
      structured(document, channel, location, tier)
      return
    }
    let media = type?.lowercased() ?? ""
    if media.hasPrefix("multipart/"), let boundary = Self.boundary(type ?? "") {
      multipart(bytes, boundary: boundary, channel, location, tier)
      return
    }
    if media.hasPrefix("application/x-www-form-urlencoded") {
      fields(of: String(escapingInvalid: bytes), channel, location, tier)
      return
    }
    if protocolBuffers(bytes, media: media, channel, location, tier) { return }
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      binary(bytes, channel, location, tier)
      return
    }
    if media.hasPrefix("text/event-stream") || text.hasPrefix("event:") || text.hasPrefix("data:") {
      eventStream(text, channel, location, tier)
      return
    }
    if lineDelimited(bytes, channel, location, tier) { return }
    lines(text, channel, location, tier)
  }

  /// JSON that is an object or an array: a bare number or word is better seen as text.
  private static func json(_ bytes: ArraySlice<UInt8>) -> JSONText.Document? {
    guard let first = bytes.first(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }),
      first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    else { return nil }
    return JSONText.parse(bytes)
  }

  private mutating func structured(
    _ document: JSONText.Document, _ channel: Channel, _ location: String, _ tier: Observation.Tier
  ) {
    run.add(document.syntax, at: Place(channel, "\(location) syntax"), tier: tier)
    walk(document.root, channel, location, tier)
  }

  /// JSON objects one a line.
  private mutating func lineDelimited(
    _ bytes: [UInt8], _ channel: Channel, _ location: String, _ tier: Observation.Tier
  ) -> Bool {
    guard bytes.first == UInt8(ascii: "{") || bytes.first == UInt8(ascii: "[") else { return false }
    var documents: [JSONText.Document] = []
    for line in bytes.split(separator: 0x0A) {
      guard let document = Self.json(line) else { return false }
      documents.append(document)
    }
    for document in documents {
      let key = Self.elementKey(document.root)
      structured(document, channel, "\(location)[\(key)]", tier)
    }
    return true
  }

  private mutating func eventStream(
    _ text: String, _ channel: Channel, _ location: String, _ tier: Observation.Tier
  ) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
      guard let colon = line.firstIndex(of: ":") else {
        add(channel, "\(location) line", String(line), tier)
        continue
      }
      let field = String(line[..<colon])
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      if let document = Self.json(Array(value.utf8)[...]) {
        structured(document, channel, "\(location).\(field)[\(Self.elementKey(document.root))]", tier)
      } else {
        add(channel, "\(location).\(field)", String(value), tier)
      }
    }
  }

  /// The fields of a query or of a form.
  mutating func fields(of text: String, _ channel: Channel, _ location: String, _ tier: Observation.Tier) {
    var names: [String] = []
    for field in text.split(separator: "&", omittingEmptySubsequences: false) {
      let name = String(field.prefix { $0 != "=" })
      let key = IdentifierMask.template(name)
      names.append(key)
      let value = field.count > name.count ? String(field.dropFirst(name.count + 1)) : ""
      let decoded = Self.percentDecoded(value)
      if let document = Self.json(decoded[...]) {
        structured(document, channel, "\(location).\(key)", tier)
      } else {
        // As written: how a field is encoded is the program's choice.
        add(channel, "\(location).\(key)", value, tier)
      }
    }
    addOrder(channel, "\(location) field order", names, tier)
  }

  private static func percentDecoded(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    let bytes = Array(text.utf8)
    var position = 0
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count,
        let value = UInt8(String(decoding: bytes[position + 1...position + 2], as: UTF8.self), radix: 16)
      {
        result.append(value)
        position += 3
      } else {
        result.append(bytes[position] == UInt8(ascii: "+") ? 0x20 : bytes[position])
        position += 1
      }
    }
    return result
  }

  private static func boundary(_ type: String) -> String? {
    guard let start = type.firstRange(of: "boundary=")?.upperBound else { return nil }
    let value = type[start...].prefix { $0 != ";" }
    return value.isEmpty ? nil : value.filter { $0 != "\"" }
  }

  private mutating func multipart(
    _ bytes: [UInt8], boundary: String, _ channel: Channel, _ location: String, _ tier: Observation.Tier
  ) {
    let mark = Array("--\(boundary)".utf8)
    var parts: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while let found = rest.firstRange(of: mark) {
      parts.append(rest[..<found.lowerBound])
      rest = rest[found.upperBound...]
    }
    for part in parts.dropFirst() {
      let body = part.drop { $0 == 0x0D || $0 == 0x0A }
      guard let end = body.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
      let head = String(escapingInvalid: body[..<end.lowerBound])
      var content = Array(body[end.upperBound...])
      if content.suffix(2) == [0x0D, 0x0A] { content.removeLast(2) }
      var name = "*"
      if let start = head.firstRange(of: "name=\"")?.upperBound { name = String(head[start...].prefix { $0 != "\"" }) }
      let label = "\(location).\(IdentifierMask.template(name))"
      for line in head.split(whereSeparator: \.isNewline) { add(channel, "\(label) part header", String(line), tier) }
      self.content(content, type: nil, channel, label, tier)
    }
  }

  private mutating func binary(_ bytes: [UInt8], _ channel: Channel, _ location: String, _ tier: Observation.Tier) {
    var hasher = BinaryDigest()
    hasher.update(bytes)
    run.add("\(bytes.count) bytes, sha256 \(hasher.hex)", at: Place(channel, location), tier: tier)
  }

  // MARK: Text

  /// A text line by line, so that one changed line is one difference. A last line without its end is told apart.
  private mutating func lines(_ text: String, _ channel: Channel, _ location: String, _ tier: Observation.Tier) {
    let place = Place(channel, location)
    guard text.utf8.contains(0x0A) else {
      run.add(substitute(text), at: place, tier: tier)
      return
    }
    var lines: [String] = []
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let canonical = substitute(String(line)!)
      run.add(canonical, at: place, tier: tier)
      lines.append(canonical)
    }
    run.add(
      lines.joined(separator: String(PlaceContent.separator)), at: Place(channel, "\(location) line order"),
      tier: tier, shape: .order)
  }

  // MARK: JSON

  private mutating func walk(
    _ value: JSONText, _ channel: Channel, _ location: String, _ tier: Observation.Tier, depth: Int = 0
  ) {
    switch value {
    case .object(let members):
      var names: [String] = []
      for member in members {
        let key = IdentifierMask.template(member.key)
        if Text(key) != Text(member.key) { add(channel, "\(location) key", member.key, tier) }
        names.append(key)
        walk(member.value, channel, "\(location).\(key)", tier, depth: depth)
      }
      if members.isEmpty { run.add("{}", at: Place(channel, location), tier: tier) }
      addOrder(channel, "\(location) key order", names, tier)
    case .array(let elements):
      run.add("\(elements.count)", at: Place(channel, "\(location) length"), tier: tier)
      var names: [String] = []
      for element in elements {
        let key = Self.elementKey(element)
        names.append(key)
        walk(element, channel, "\(location)[\(key)]", tier, depth: depth)
      }
      if names.contains(where: { $0 != "*" }) { addOrder(channel, "\(location) element order", names, tier) }
    case .string(let text): string(text, channel, location, tier, depth: depth)
    case .literal(let text): add(channel, location, text, tier)
    }
  }

  private mutating func string(
    _ text: String, _ channel: Channel, _ location: String, _ tier: Observation.Tier, depth: Int
  ) {
    if depth < 4 {
      let bytes = Array(text.utf8)
      if let document = Self.json(bytes[...]) {
        run.add(document.syntax, at: Place(channel, "\(location)(json) syntax"), tier: tier)
        walk(document.root, channel, "\(location)(json)", tier, depth: depth + 1)
        return
      }
      // "{" and "[" in base64 begin with e, W or w.
      if bytes.count >= 12, [UInt8(ascii: "e"), UInt8(ascii: "W"), UInt8(ascii: "w")].contains(bytes[0]),
        let decoded = Self.base64(bytes), let document = Self.json(decoded[...])
      {
        run.add(document.syntax, at: Place(channel, "\(location)(base64 json) syntax"), tier: tier)
        walk(document.root, channel, "\(location)(base64 json)", tier, depth: depth + 1)
        return
      }
    }
    lines(text, channel, location, tier)
  }

  private static func base64(_ bytes: [UInt8]) -> [UInt8]? {
    guard
      bytes.allSatisfy({
        isWord($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "=")
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
      })
    else { return nil }
    var text = String(decoding: bytes, as: UTF8.self).replacing("-", with: "+").replacing("_", with: "/")
    while text.utf8.count % 4 != 0 { text += "=" }
    return Base64.decode(text)
  }

  /// What names the elements of an array, the most telling first.
  private static let nameKeys = ["name", "event_name", "eventName", "event", "type", "role", "kind"]

  /// The name of an array's element: its index says nothing where elements come and go.
  private static func elementKey(_ element: JSONText) -> String {
    guard case .object(let members) = element else { return "*" }
    if let name = elementName(members) { return name }
    for member in members {
      if case .object(let inner) = member.value, let name = elementName(inner) { return name }
    }
    return "*"
  }

  private static func elementName(_ members: [JSONText.Member]) -> String? {
    for key in nameKeys {
      for member in members where member.key == key {
        if case .string(let text) = member.value, !text.isEmpty, text.utf8.count <= 64,
          text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        {
          return IdentifierMask.template(text)
        }
      }
    }
    return nil
  }
}
