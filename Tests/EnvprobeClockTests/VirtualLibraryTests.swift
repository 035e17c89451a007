import Foundation
import Testing

@testable import EnvprobeRecorder

/// The reader of the vDSO, with this kernel's and with damaged ones.
struct VirtualLibraryTests {
  static let image: [UInt8] = {
    guard let vector = ImageVector(getpid()), let address = vector.virtualLibrary else { return [] }
    let file = open("/proc/self/mem", O_RDONLY)
    defer { close(file) }
    return [UInt8](unsafeUninitializedCapacity: VirtualLibrary.limit) { buffer, count in
      count = max(0, pread(file, buffer.baseAddress, buffer.count, off_t(address)))
    }
  }()

  @Test(.enabled(if: !image.isEmpty, "needs a vDSO")) func findsTheFunctionsAndRoom() throws {
    let library = try #require(VirtualLibrary(Self.image))
    let changes = try #require(library.changes(for: ClockShift(showing: 0, at: 1500)))
    // Code, and two names for each of three functions.
    #expect(changes.count == 7)
    #expect(changes[0].at == library.free.lowerBound)
    #expect(changes[0].bytes.count <= library.free.count)
    for change in changes.dropFirst() {
      let value = change.bytes.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) }
      #expect(library.free.contains(value) && change.bytes.count == 8)
    }
  }

  @Test(.enabled(if: !image.isEmpty, "needs a vDSO")) func survivesDamage() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var image = Self.image
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        // Mostly where the tables are.
        image[Int.random(in: 0..<(Bool.random() ? 0x600 : image.count), using: &generator)] = .random(in: 0...255)
      }
      image.removeLast(Bool.random() ? 0 : Int.random(in: 0...image.count, using: &generator))
      guard let library = VirtualLibrary(image), let changes = library.changes(for: ClockShift(showing: 1)) else {
        continue
      }
      #expect(changes.allSatisfy { $0.at >= 0 && $0.at + $0.bytes.count <= image.count })
    }
  }

  @Test func readsVectorsOfBothWidths() throws {
    func pairs<T: FixedWidthInteger>(_ values: T...) -> [UInt8] {
      values.flatMap { withUnsafeBytes(of: $0) { Array($0) } }
    }
    let wide = try #require(ImageVector(pairs(33 as UInt64, 0x7fff_0000_0000, 6, 4096, 0, 0)))
    #expect(wide.isWide && wide.virtualLibrary == 0x7fff_0000_0000)
    let narrow = try #require(ImageVector(pairs(32 as UInt32, 7, 33, 0xf7fc_1000, 6, 4096, 0, 0)))
    #expect(!narrow.isWide && narrow.virtualLibrary == 0xf7fc_1000)
    #expect(try #require(ImageVector(pairs(6 as UInt64, 4096, 0, 0))).virtualLibrary == nil)
    #expect(ImageVector([]) == nil)
    #expect(ImageVector([UInt8](repeating: 0xff, count: 333)) == nil)
  }
}

struct ClockShiftTests {
  @Test(arguments: [
    (0, 0), (1_800_000_000, 1_795_238_967_327_961_199), (1_000_000_000, 1_795_238_967_999_999_999), (0, 1), (1, 999),
  ])
  func thereAndBackAgain(instant: Int, now: Int) {
    let shift = ClockShift(showing: Int64(instant) * 1_000_000_000, at: Int64(now))
    #expect((0..<1_000_000_000).contains(shift.nanoseconds) && shift.nanoseconds % 1000 == 0)
    let host = timespec(tv_sec: now / 1_000_000_000 + 5, tv_nsec: now % 1_000_000_000)
    let shown = shift.shifted(host)
    // Within the microsecond to which the offset is rounded.
    let error = (shown.tv_sec - instant - 5) * 1_000_000_000 + shown.tv_nsec
    #expect(abs(error) < 1000)
    let back = shift.host(shown)
    #expect(back.tv_sec == host.tv_sec && back.tv_nsec == host.tv_nsec)
  }

  @Test func deadlinesBefore1970HavePassed() {
    let ahead = ClockShift(showing: 2_000_000_000 * 1_000_000_000, at: 1_000_000_000 * 1_000_000_000)
    let past = ahead.host(timespec(tv_sec: 5, tv_nsec: 0))
    #expect(past.tv_sec == 0 && past.tv_nsec == 1)
    let behind = ClockShift(showing: 0, at: 1_000_000_000 * 1_000_000_000)
    #expect(behind.host(timespec(tv_sec: .max, tv_nsec: 0)).tv_sec == .max)
  }
}
