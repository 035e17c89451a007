import CEnvprobeTracer

/// The code of a page inside the program to which its functions are led.
struct HookPage {
  let address: UInt64
  /// Its bytes so far. What is added is written by ``Tracer``.
  private(set) var code: [UInt8]

  /// - Parameter key: The number of the process in the ring's records.
  init(address: UInt64, key: UInt32, ring: UInt64) {
    self.address = address
    code = [UInt8](repeating: 0, count: Int(ENVPROBE_HOOK_PAGE))
    let length = envprobe_hook_page_build(&code, key, ring)
    code.removeLast(code.count - max(0, Int(length)))
  }

  /// Where a thread is that found the ring full.
  var fullAddress: UInt64 { address + UInt64(envprobe_hook_full_offset()) }

  func contains(_ address: UInt64) -> Bool {
    address >= self.address && address - self.address < UInt64(ENVPROBE_HOOK_PAGE)
  }

  /// Adds the way around a function that returns a pointer: it is called with the registers it was given, its result is
  /// noted together with its argument, and handed on.
  ///
  /// - Returns: The address of the code and what must be written at the function; `nil` where it does not fit.
  mutating func addThunk(for function: UInt64, _ prologue: Prologue) -> (at: Int, jump: [UInt8])? {
    let start = aligned
    let here = address + UInt64(start)
    var thunk: [UInt8] = []
    thunk.append(0x57)  // push rdi: also aligns the stack as a function expects it
    thunk += [0xE8] + Self.bytes(6)  // call the moved prologue, 6 bytes on
    thunk.append(0x5F)  // pop rdi
    guard
      let record = Prologue.distance(
        from: here + 12, to: address + UInt64(envprobe_hook_record_offset())),
      let moved = prologue.moved(from: function, to: here + 12),
      let back = Prologue.distance(
        from: here + 12 + UInt64(moved.count) + 5, to: function + UInt64(prologue.length)),
      let jump = Prologue.distance(from: function + 5, to: here)
    else { return nil }
    thunk += [0xE9] + Self.bytes(record)
    thunk += moved
    thunk += [0xE9] + Self.bytes(back)
    guard append(thunk, at: start) else { return nil }
    return (start, [0xE9] + Self.bytes(jump))
  }

  /// Adds a copy of the first instruction of a function, after which the function goes on: where a thread continues
  /// that was stopped by a breakpoint in its place.
  ///
  /// - Returns: Its offset in the page.
  mutating func addDetour(for function: UInt64, _ first: Prologue) -> Int? {
    let start = aligned
    let here = address + UInt64(start)
    guard let moved = first.moved(from: function, to: here),
      let back = Prologue.distance(from: here + UInt64(moved.count) + 5, to: function + UInt64(first.length))
    else { return nil }
    return append(moved + [0xE9] + Self.bytes(back), at: start) ? start : nil
  }

  private var aligned: Int { (code.count + 15) & ~15 }

  private mutating func append(_ bytes: [UInt8], at start: Int) -> Bool {
    guard start + bytes.count <= Int(ENVPROBE_HOOK_PAGE) else { return false }
    code += [UInt8](repeating: 0xCC, count: start - code.count) + bytes
    return true
  }

  private static func bytes(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}
