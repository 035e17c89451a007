import EnvprobeModel
import Glibc
import Testing

@testable import EnvprobeRecorder

/// Everything that is decoded of a program's memory, with whatever may be there.
///
/// The rounds are the same every time. `ENVPROBE_FUZZ=1000 swift test --filter Fuzz` makes it a thousand times as many.
@Suite struct DecoderFuzzTests {
  private static func rounds(_ number: Int) -> Int {
    number * max(1, getenv("ENVPROBE_FUZZ").flatMap { Int(String(cString: $0)) } ?? 1)
  }

  /// Memory with holes in it: a read ends at a hole, or fails in one.
  private struct Memory {
    var bytes: [UInt8]
    var holes: [Range<Int>]

    func read(_ address: UInt64, _ out: UnsafeMutableRawPointer, _ count: Int) -> Int {
      guard let start = Int(exactly: address), start < bytes.count, !holes.contains(where: { $0.contains(start) })
      else {
        return Int(-EFAULT)
      }
      let end = holes.map(\.lowerBound).filter { $0 > start }.min() ?? bytes.count
      let length = min(count, min(end, bytes.count) - start)
      bytes[start..<(start + length)].withUnsafeBytes { out.copyMemory(from: $0.baseAddress!, byteCount: length) }
      return length
    }
  }

  @Test func stringsEndWhereMemoryDoes() {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<Self.rounds(2000) {
      let bytes = (0..<Int.random(in: 1...20_000, using: &random)).map { _ in UInt8.random(in: 0...40, using: &random) }
      let holes = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        let start = Int.random(in: 0..<bytes.count, using: &random)
        return start..<(start + Int.random(in: 1...4096, using: &random))
      }
      let memory = Memory(bytes: bytes, holes: holes)
      var window = MemoryWindow { memory.read($0, $1, $2) }
      for _ in 0..<8 {
        let address =
          Bool.random(using: &random) ? UInt64.random(in: 0...UInt64(bytes.count), using: &random) : random.next()
        let limit = Int.random(in: 0...5000, using: &random)
        if let text = window.string(at: address, limit: limit) {
          #expect(!text.contains(0))
          let start = Int(address)
          #expect(
            text.elementsEqual(bytes[start..<(start + text.count)]) && bytes[start + text.count] == 0
              || text.count > limit)
        }
        let count = Int.random(in: 1...16, using: &random)
        if let part = window.bytes(at: address, count: count) {
          #expect(part.elementsEqual(bytes[Int(address)..<(Int(address) + count)]))
        }
      }
    }
  }

  @Test func anySocketAddressIsNamed() {
    var random = SeededGenerator(seed: 12)
    for _ in 0..<Self.rounds(5000) {
      var bytes = (0..<Int.random(in: 0...128, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if bytes.count > 1 { (bytes[0], bytes[1]) = ([1, 2, 10, 16, 17, 40].randomElement(using: &random)!, 0) }
      let address = SocketAddress(bytes: bytes)
      #expect(!address.family.isEmpty && address.port.map { (0...65535).contains($0) } ?? true)
    }
  }

  @Test func anyStatusIsRead() {
    var random = SeededGenerator(seed: 13)
    let whole = Array(
      "Name:\tx\nTgid:\t77\nPPid:\t5\nNStgid:\t77\t2\nNSpid:\t78\t3\nSeccomp_filters:\t2\n".utf8)
    for _ in 0..<Self.rounds(5000) {
      var bytes = whole
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
      }
      bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
      let status = ProcessStatus(StatusFields(bytes))
      #expect(status.groupIDs.count <= bytes.count && status.threadIDs.allSatisfy { $0 >= 0 || $0 < 0 })
    }
    #expect(ProcessStatus(StatusFields(whole)).threadIDs == [78, 3])
  }

  /// A program can ask about any path, those of hooks' reports too.
  @Test func anyReportIsReadOrLeft() {
    var random = SeededGenerator(seed: 14)
    let thread = TraceeThread(id: 1, innerID: 1, process: Tracee(group: 1, pid: 1), lastCall: 0)
    var reports = HookReports()
    var read = 0
    let whole = Array(##"["env","T\u005a",false,["f (/a.js:3:7)","é"],1]"##.utf8)
    for round in 0..<Self.rounds(1500) {
      var bytes = whole
      for _ in 0..<(round % 4) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 1...255, using: &random)
      }
      if round % 3 == 0 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
      let path = ByteString(Array(RuntimeHook.reports.utf8) + bytes)
      let call = Event.Payload.syscall(SyscallCall(name: "access", arguments: [.path(.complete(path))]))
      if reports.event(call, of: thread) != nil { read += 1 }
    }
    #expect(read > 0)
  }
}
