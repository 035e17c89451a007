/// The first instructions of a function, moved elsewhere so that a jump can take their place.
///
/// Knows the x86-64 instructions that compilers begin functions with; what it does not know it does not move. Encoding:
/// Intel 64 Architectures Software Developer's Manual, volume 2, appendix A.
struct Prologue: Hashable {
  private enum Part: Hashable {
    case plain([UInt8])
    /// An instruction whose last-but-`trailing` four bytes are an offset from its end.
    case relative([UInt8], displacementAt: Int)
    /// A jump or call to `target`, an offset from the function's start, with the bytes before its 32-bit offset.
    case branch([UInt8], target: Int)
  }
  private let parts: [Part]
  /// How many bytes of the function they take.
  let length: Int

  /// Decodes whole instructions until there are `minimum` bytes of them; `nil` where one is not known, or leaves.
  init?(_ code: [UInt8], atLeast minimum: Int) {
    var parts: [Part] = []
    var position = 0
    while position < minimum {
      guard let (part, length, leaves) = Self.decode(code, at: position) else { return nil }
      parts.append(part)
      position += length
      if leaves, position < minimum { return nil }
    }
    for case .branch(_, let target) in parts where target >= 0 && target < position { return nil }
    self.parts = parts
    length = position
  }

  /// The instructions as they must be at `destination` to do what they do at `source`; `nil` where that is too far.
  func moved(from source: UInt64, to destination: UInt64) -> [UInt8]? {
    var result: [UInt8] = []
    var taken: UInt64 = 0
    for part in parts {
      switch part {
      case .plain(let bytes):
        result += bytes
        taken += UInt64(bytes.count)
      case .relative(var bytes, let at):
        let old = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: Int32.self) }
        let length = UInt64(bytes.count)
        let target = source &+ taken &+ length &+ UInt64(bitPattern: Int64(old))
        guard let new = Self.distance(from: destination &+ UInt64(result.count) &+ length, to: target) else {
          return nil
        }
        withUnsafeBytes(of: new) { bytes.replaceSubrange(at..<at + 4, with: $0) }
        result += bytes
        taken += length
      case .branch(let bytes, let target):
        let address = source &+ UInt64(bitPattern: Int64(target))
        let end = destination &+ UInt64(result.count + bytes.count + 4)
        guard let new = Self.distance(from: end, to: address) else { return nil }
        result += bytes
        withUnsafeBytes(of: new) { result += $0 }
      }
    }
    return result
  }

  /// What a 32-bit relative operand must be.
  static func distance(from end: UInt64, to target: UInt64) -> Int32? {
    Int32(exactly: Int64(bitPattern: target &- end))
  }

  private static func decode(_ code: [UInt8], at start: Int) -> (Part, length: Int, leaves: Bool)? {
    func byte(_ index: Int) -> UInt8? { index < code.count ? code[index] : nil }
    func plain(_ end: Int) -> (Part, Int, Bool)? {
      end <= code.count ? (.plain(Array(code[start..<end])), end - start, false) : nil
    }
    if code[start...].starts(with: [0xF3, 0x0F, 0x1E, 0xFA]) { return plain(start + 4) }
    var at = start
    var hasOperandSize = false
    while let prefix = byte(at), prefix == 0x66 || prefix == 0xF2 || prefix == 0xF3 || prefix == 0x2E {
      if prefix == 0x66 { hasOperandSize = true }
      at += 1
      if at - start > 4 { return nil }
    }
    var isWide = false
    if let rex = byte(at), rex & 0xF0 == 0x40 {
      isWide = rex & 8 != 0
      at += 1
    }
    guard let opcode = byte(at) else { return nil }
    at += 1
    func signed(_ index: Int, _ size: Int) -> Int? {
      guard index + size <= code.count else { return nil }
      return code.withUnsafeBytes {
        size == 1
          ? Int($0.loadUnaligned(fromByteOffset: index, as: Int8.self))
          : Int($0.loadUnaligned(fromByteOffset: index, as: Int32.self))
      }
    }
    func operand(_ immediate: Int) -> (Part, Int, Bool)? {
      withOperand(code, start: start, at: at, immediate: immediate)
    }
    let wideImmediate = hasOperandSize ? 2 : 4
    switch opcode {
    case 0x50...0x5F, 0x90: return plain(at)
    case 0x00...0x3F where opcode & 7 < 4, 0x63, 0x84...0x8B, 0x8D: return operand(0)
    case 0x00...0x3F where opcode & 7 == 4, 0xA8, 0xB0...0xB7: return plain(at + 1)
    case 0x00...0x3F where opcode & 7 == 5, 0xA9: return plain(at + wideImmediate)
    case 0xB8...0xBF: return plain(at + (isWide ? 8 : wideImmediate))
    case 0x6B, 0x80, 0x83, 0xC0, 0xC1, 0xC6: return operand(1)
    case 0x69, 0x81, 0xC7: return operand(wideImmediate)
    case 0xD0...0xD3: return operand(0)
    case 0xF6, 0xF7:
      guard let kind = byte(at) else { return nil }
      return operand((kind >> 3) & 7 < 2 ? (opcode == 0xF6 ? 1 : wideImmediate) : 0)
    case 0x70...0x7F:
      guard let offset = signed(at, 1) else { return nil }
      return (.branch([0x0F, opcode + 0x10], target: at + 1 + offset), at + 1 - start, false)
    case 0xEB:
      guard let offset = signed(at, 1) else { return nil }
      return (.branch([0xE9], target: at + 1 + offset), at + 1 - start, true)
    case 0xE8, 0xE9:
      guard let offset = signed(at, 4) else { return nil }
      return (.branch([opcode], target: at + 4 + offset), at + 4 - start, opcode == 0xE9)
    case 0x0F:
      guard let second = byte(at) else { return nil }
      at += 1
      switch second {
      case 0x80...0x8F:
        guard let offset = signed(at, 4) else { return nil }
        return (.branch([0x0F, second], target: at + 4 + offset), at + 4 - start, false)
      case 0x10...0x17, 0x1F, 0x28, 0x29, 0x2E, 0x2F, 0x40...0x4F, 0x54...0x5F, 0x6E, 0x6F, 0x7E, 0x7F, 0x90...0x9F,
        0xAF, 0xB6, 0xB7, 0xBE, 0xBF, 0xD6, 0xEF:
        return operand(0)
      default: return nil
      }
    default: return nil
    }
  }

  /// An instruction with a ModR/M byte at `at`, and an immediate operand after what that asks for.
  private static func withOperand(_ code: [UInt8], start: Int, at: Int, immediate: Int) -> (Part, Int, Bool)? {
    guard at < code.count else { return nil }
    let mode = code[at] >> 6
    let base = code[at] & 7
    var end = at + 1
    var relativeAt: Int?
    if mode != 3 {
      if base == 4 {
        guard end < code.count else { return nil }
        if mode == 0, code[end] & 7 == 5 { end += 4 }
        end += 1
      } else if mode == 0, base == 5 {
        relativeAt = end
        end += 4
      }
      if mode == 1 { end += 1 }
      if mode == 2 { end += 4 }
    }
    end += immediate
    guard end <= code.count else { return nil }
    let bytes = Array(code[start..<end])
    if let relativeAt { return (.relative(bytes, displacementAt: relativeAt - start), end - start, false) }
    return (.plain(bytes), end - start, false)
  }
}
