import EnvprobeModel
import NIOCore

/// Takes a stream of bytes apart into HTTP/1.x requests (RFC 9112): bytes in, events out, no I/O.
///
/// NIO's own decoder does not say where in the bytes a message begins and ends, and gives up what it does not
/// understand; here the head is kept byte for byte, and lax where a recorder may be: bare LF ends a line, a field may
/// be folded, white space before the colon stays part of the name.
struct RequestParser {
  enum Event: Hashable {
    case head(RequestHead)
    /// Bytes of the body, without transfer coding.
    case body(ByteBuffer)
    case end(trailers: [HTTPHeader])
    /// What follows is no request; nothing more will come. `kept` is the head so far.
    case failure(Failure, kept: [UInt8])
  }

  enum Failure: String, Hashable, Sendable {
    case malformedHead = "malformed request head"
    case oversizedHead = "request head too large"
    case malformedLength = "malformed content length"
    case malformedChunk = "malformed chunk"

    /// The status a server answers with.
    var status: Int { self == .oversizedHead ? 431 : 400 }
  }

  private enum State: Equatable {
    case head
    case fixedBody(remaining: Int)
    case chunkSize
    case chunk(remaining: Int)
    case chunkEnd
    case trailers
    case failed
  }

  /// Bytes of the largest head, and of the largest trailer section.
  static let headLimit = 1 << 20

  private var state = State.head
  private var pending = ByteBuffer()
  /// How far `pending` has been searched for the end of the head.
  private var searched = 0

  /// Bytes that were received and belong to no event yet; none are left.
  mutating func takePending() -> ByteBuffer {
    defer { pending = ByteBuffer() }
    return pending
  }

  /// Bytes of a head that has not ended.
  mutating func takeUnfinishedHead() -> ByteBuffer { state == .head ? takePending() : ByteBuffer() }

  /// Takes in what arrived.
  mutating func append(_ bytes: ByteBuffer) {
    var bytes = bytes
    if pending.readableBytes == 0 {
      pending = bytes
      searched = 0
    } else {
      pending.writeBuffer(&bytes)
    }
  }

  /// The next event, `nil` until more bytes are there.
  mutating func next() -> Event? {
    while true {
      switch state {
      case .failed:
        return nil
      case .head:
        skipEmptyLines()
        guard let length = endOfHead() else {
          return pending.readableBytes > Self.headLimit ? fail(.oversizedHead) : nil
        }
        guard length <= Self.headLimit else { return fail(.oversizedHead) }
        let bytes = pending.readBytes(length: length)!
        searched = 0
        guard let head = RequestHead(bytes: bytes) else { return fail(.malformedHead, kept: bytes) }
        guard let next = Self.bodyState(of: head) else { return fail(.malformedLength, kept: bytes) }
        state = next
        return .head(head)
      case .fixedBody(0):
        state = .head
        return .end(trailers: [])
      case .fixedBody(let remaining):
        guard let part = readUpTo(remaining) else { return nil }
        state = .fixedBody(remaining: remaining - part.readableBytes)
        return .body(part)
      case .chunkSize:
        guard let line = readLine(limit: 4096) else {
          return pending.readableBytes > 4096 ? fail(.malformedChunk) : nil
        }
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        guard digits.count <= 15, let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
          return fail(.malformedChunk)
        }
        state = size == 0 ? .trailers : .chunk(remaining: size)
      case .chunk(let remaining):
        guard let part = readUpTo(remaining) else { return nil }
        let left = remaining - part.readableBytes
        state = left == 0 ? .chunkEnd : .chunk(remaining: left)
        return .body(part)
      case .chunkEnd:
        guard let line = readLine(limit: 2) else {
          return pending.readableBytes > 2 ? fail(.malformedChunk) : nil
        }
        guard line.isEmpty else { return fail(.malformedChunk) }
        state = .chunkSize
      case .trailers:
        guard let section = endOfTrailers() else {
          return pending.readableBytes > Self.headLimit ? fail(.malformedChunk) : nil
        }
        state = .head
        searched = 0
        let bytes = pending.readBytes(length: section)!
        return .end(trailers: RequestHead.fields(in: bytes, from: 0)?.map(\.header) ?? [])
      }
    }
  }

  private mutating func fail(_ failure: Failure, kept: [UInt8]? = nil) -> Event {
    let kept = kept ?? (state == .head ? Array(pending.readableBytesView) : [])
    state = .failed
    pending = ByteBuffer()
    return .failure(failure, kept: kept)
  }

  private static func bodyState(of head: RequestHead) -> State? {
    if head.lists("chunked", in: "transfer-encoding") { return .chunkSize }
    let lengths = Set(head.values(of: "content-length"))
    guard let text = lengths.first else { return .fixedBody(remaining: 0) }
    guard lengths.count == 1, !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let length = Int(text) else {
      return nil
    }
    return .fixedBody(remaining: length)
  }

  /// A robust server ignores empty lines before a request (RFC 9112, section 2.2).
  private mutating func skipEmptyLines() {
    while let byte = pending.getInteger(at: pending.readerIndex, as: UInt8.self), byte == 10 || byte == 13 {
      pending.moveReaderIndex(forwardBy: 1)
      searched = 0
    }
  }

  /// How many bytes the head has, its empty line included.
  private mutating func endOfHead() -> Int? {
    let from = max(0, searched - 3)
    let found = pending.withUnsafeReadableBytes { bytes -> Int? in
      var index = from
      while index < bytes.count {
        if bytes[index] == 10 {
          if index + 1 < bytes.count, bytes[index + 1] == 10 { return index + 2 }
          if index + 2 < bytes.count, bytes[index + 1] == 13, bytes[index + 2] == 10 { return index + 3 }
        }
        index += 1
      }
      return nil
    }
    searched = pending.readableBytes
    return found
  }

  /// How many bytes the trailer section has: it may be only an empty line.
  private mutating func endOfTrailers() -> Int? {
    let start = pending.withUnsafeReadableBytes { bytes -> Int? in
      if bytes.first == 10 { return 1 }
      if bytes.count > 1, bytes[0] == 13, bytes[1] == 10 { return 2 }
      return nil
    }
    return start ?? endOfHead()
  }

  private mutating func readUpTo(_ limit: Int) -> ByteBuffer? {
    let count = min(limit, pending.readableBytes)
    return count > 0 ? pending.readSlice(length: count) : nil
  }

  /// A line without its end.
  private mutating func readLine(limit: Int) -> [UInt8]? {
    let view = pending.readableBytesView
    guard let end = view.prefix(limit).firstIndex(of: 10) else { return nil }
    var line = pending.readBytes(length: end - view.startIndex + 1)!
    line.removeLast()
    if line.last == 13 { line.removeLast() }
    return line
  }
}

extension RequestHead {
  /// From the bytes of a head with its empty line; `nil` where they are none.
  init?(bytes: [UInt8]) {
    guard let lineEnd = bytes.firstIndex(of: 10) else { return nil }
    var line = bytes[..<lineEnd]
    if line.last == 13 { line.removeLast() }
    guard let methodEnd = line.firstIndex(of: 32), methodEnd > 0, let targetEnd = line.lastIndex(of: 32),
      targetEnd > methodEnd + 1
    else { return nil }
    let version = String(decoding: line[(targetEnd + 1)...], as: UTF8.self)
    guard version.hasPrefix("HTTP/1."), version.utf8.count == 8 else { return nil }
    guard let fields = Self.fields(in: bytes, from: lineEnd + 1) else { return nil }
    self.init(
      method: String(decoding: line[..<methodEnd], as: UTF8.self), target: Self.text(line[(methodEnd + 1)..<targetEnd]),
      version: version, headers: fields.map(\.header), bytes: bytes, targetRange: (methodEnd + 1)..<targetEnd,
      valueRanges: fields.map(\.value))
  }

  /// The field lines from an offset to the empty line; `nil` where a line has no colon.
  static func fields(in bytes: [UInt8], from start: Int) -> [(header: HTTPHeader, value: Range<Int>)]? {
    var fields: [(header: HTTPHeader, value: Range<Int>)] = []
    var cursor = start
    while cursor < bytes.count {
      let lineEnd = bytes[cursor...].firstIndex(of: 10) ?? bytes.count
      var end = lineEnd
      if end > cursor, bytes[end - 1] == 13 { end -= 1 }
      defer { cursor = lineEnd + 1 }
      if end == cursor { break }
      if isBlank(bytes[cursor]), !fields.isEmpty {
        // A folded value goes on (obsolete, RFC 9112, section 5.2).
        let part = trim(bytes, cursor..<end)
        fields[fields.count - 1].header.value += " " + text(bytes[part])
        fields[fields.count - 1].value = fields[fields.count - 1].value.lowerBound..<part.upperBound
        continue
      }
      guard let colon = bytes[cursor..<end].firstIndex(of: UInt8(ascii: ":")) else { return nil }
      let value = trim(bytes, (colon + 1)..<end)
      fields.append((HTTPHeader(name: text(bytes[cursor..<colon]), value: text(bytes[value])), value))
    }
    return fields
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

  private static func trim(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
    var (lower, upper) = (range.lowerBound, range.upperBound)
    while lower < upper, isBlank(bytes[lower]) { lower += 1 }
    while upper > lower, isBlank(bytes[upper - 1]) { upper -= 1 }
    return lower..<upper
  }

  /// Bytes of a head as text: UTF-8, or Latin-1 where they are not.
  static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) }))
  }
}
