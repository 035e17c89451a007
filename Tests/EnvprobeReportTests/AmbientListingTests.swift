import EnvprobeModel
import EnvprobeReport
import Testing

@Suite struct AmbientListingTests {
  private static func listing(_ payloads: [Event.Payload]) -> TraceListing {
    TraceListing(
      Trace(id: "t", manifest: SampleTraces.manifest, events: SampleTraces.events(payloads.map { (2, $0) })))
  }

  private static func read(_ name: String) -> Event.Payload {
    .environmentRead(
      .init(
        name: .complete(ByteString(name.utf8)), isSet: false, reader: .init(module: "/bin/x", symbol: nil, offset: 0),
        count: 1, firstTime: 0))
  }

  private static func call(_ name: String, _ flags: String...) -> Event.Payload {
    .syscall(.init(name: name, arguments: [.number(3), .flags(flags)]))
  }

  /// Every row is found by every way that it names.
  @Test(arguments: AmbientRead.all) func isFound(_ row: AmbientRead) throws {
    let home = SampleTraces.manifest.surroundings.home
    var payloads: [Event.Payload] = []
    for pattern in row.paths {
      let path = pattern.text.replacing("~", with: home).replacing("*", with: "7")
      // A path counts for the first row that covers it.
      if AmbientRead.row(ofPath: path, home: home) == row { payloads.append(SampleTraces.open(path)) }
    }
    payloads += row.variables.map { Self.read($0.replacing("*", with: "X")) }
    payloads += row.calls.map { Self.call($0.name, ($0.flag ?? "").replacing("*", with: "CONF")) }
    let found = try #require(Self.listing(payloads).ambient.first { $0.subject == row.subject })
    #expect(found.factor == row.factor)
    #expect(found.reads.count == Set(payloads).count)
    #expect(found.reads.allSatisfy { $0.count == 1 && $0.pids == [2] })
  }

  @Test func isNotFoundWhereNothingWasAsked() {
    let others: [Event.Payload] = [
      SampleTraces.open("/usr/lib/x86_64-linux-gnu/libc.so.6"), Self.read("PATH"), Self.call("ioctl", "SIOCSPGRP"),
      Self.call("socket", "AF_INET"), SampleTraces.open("/etc/localtimes"), SampleTraces.open("/proc/12/maps"),
    ]
    #expect(Self.listing(others).ambient.isEmpty)
  }

  @Test func countsAndSorts() {
    let zone = Self.listing([
      SampleTraces.open("/etc/localtime"), Self.read("TZ"), SampleTraces.open("/etc/localtime"),
      SampleTraces.open("/usr/share/zoneinfo/Asia/Tokyo"),
    ]).ambient
    #expect(zone.map(\.subject) == ["time zone"])
    #expect(zone[0].reads.map(\.name) == ["/etc/localtime", "/usr/share/zoneinfo/Asia/Tokyo", "TZ"])
    #expect(zone[0].reads.map(\.count) == [2, 1, 1])
  }
}
