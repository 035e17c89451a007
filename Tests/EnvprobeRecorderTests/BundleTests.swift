import CRecorderTestSupport
import EnvprobeModel
import Glibc
import Synchronization
import Testing

@testable import EnvprobeRecorder

/// A folder that is gone after the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/recorder-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw RecorderError("make a folder", errno: errno) }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit { run(["rm", "-rf", path]) }

  func write(_ name: String, _ text: String) {
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    _ = writeAll(file, Array(text.utf8))
    close(file)
  }

  func read(_ name: String) -> String {
    let file = open("\(path)/\(name)", O_RDONLY)
    guard file >= 0, case .success(let bytes) = readAll(file) else { return "" }
    close(file)
    return String(decoding: bytes, as: UTF8.self)
  }
}

@Suite struct BundleTests {
  static let manifest = RunManifest(
    tool: "envprobe 0", subject: Subject(argv: ["true"], executable: .init(path: "/bin/true", sha256: "00")),
    profile: "us", assignment: Assignment(), repetition: 1, started: "2026-01-01T00:00:00Z",
    surroundings: Surroundings(
      environment: [], home: "/home/u", workingDirectory: "/w", user: "u", hostname: "h", utcOffset: 0,
      zoneAbbreviation: "UTC"))

  private static let call = Event.Payload.syscall(SyscallCall(name: "getuid", arguments: []))

  @Test func whatIsWrittenReadsBack() throws {
    let folder = try TemporaryFolder()
    let directory = folder.path + "/deep/run-1"
    let writer = try BundleWriter(directory: directory, manifest: Self.manifest)
    writer.launched()
    for payload in EventLineTests.samples {
      if case .gap = payload { continue }
      writer.record(payload, pid: 3)
    }
    for _ in 0..<100 { writer.record(Self.call, pid: 1) }
    let blob = writer.store(Array("hello".utf8))
    #expect(blob.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
    #expect(writer.store(Array("hello".utf8)) == blob)
    writer.update { $0.surroundings.utcOffset = 3600 }
    let exit = Exit(status: 0, wall: 1)
    let manifest = try writer.finish(exit: exit)
    #expect(manifest.complete)

    let trace = try BundleReader.read(directory)
    #expect(trace.id == "run-1")
    #expect(trace.manifest == manifest)
    #expect(trace.manifest.surroundings.utcOffset == 3600)
    #expect(trace.manifest.counts["syscall"] == 102)
    #expect(trace.manifest.exit == exit)
    #expect(trace.events.map(\.sequence) == Array(1...trace.events.count))
    #expect(trace.events.map(\.payload).last == .exit(exit))
    #expect(trace.events.map(\.time) == trace.events.map(\.time).sorted())
    #expect(trace.blobs == [blob.sha256: Array("hello".utf8)])
    #expect(access(directory + "/run.json.next", F_OK) < 0)
  }

  @Test func gapsMakeARunIncomplete() throws {
    let folder = try TemporaryFolder()
    let writer = try BundleWriter(directory: folder.path, manifest: Self.manifest)
    for _ in 0..<3 { writer.record(.gap(Gap(kind: .wire, detail: "x", host: "h"))) }
    let manifest = try writer.finish(exit: Exit(status: 0, wall: 1))
    #expect(!manifest.complete)
    #expect(manifest.gaps == [Gap(kind: .wire, detail: "x", count: 3, host: "h")])
  }

  @Test func manyThreadsRecordIntoOneSequence() throws {
    let folder = try TemporaryFolder()
    let writer = try BundleWriter(directory: folder.path, manifest: Self.manifest)
    let threads = try (0..<4).map { number in
      try KernelThread("test") {
        for index in 0..<2000 {
          writer.record(Self.call, pid: number)
          if index % 100 == 0 { _ = writer.store(Array("\(index / 200)".utf8)) }
          if index % 500 == 0 { writer.record(.diagnostic(Diagnostic("\(number)"))) }
        }
      }
    }
    for thread in threads { thread.join() }
    try writer.finish(exit: Exit(status: 0, wall: 1))
    let trace = try BundleReader.read(folder.path)
    #expect(trace.events.map(\.sequence) == Array(1...8017))
    #expect(trace.blobs.count == 10)
    #expect(trace.manifest.complete)
  }

  /// A writer that is killed has written all but the last moment.
  @Test func aKilledWriterLeavesAReadableBundle() throws {
    let folder = try TemporaryFolder()
    let writer = try BundleWriter(directory: folder.path, manifest: Self.manifest)
    for _ in 0..<10 { writer.record(Self.call, pid: 1) }
    usleep(UInt32(BundleWriter.flushInterval * 3_000_000))
    let trace = try BundleReader.read(folder.path)
    #expect(trace.events.count == 10)
    #expect(!trace.manifest.complete)
    #expect(trace.manifest.counts == ["syscall": 10])
    #expect(trace.manifest.gaps == [Gap(kind: .bundle, detail: "the record ends before the run does")])
    try writer.finish(exit: nil)
  }

  @Test func aCutLastLineIsAGap() throws {
    let folder = try TemporaryFolder()
    let writer = try BundleWriter(directory: folder.path, manifest: Self.manifest)
    writer.record(Self.call, pid: 1)
    try writer.finish(exit: Exit(status: 0, wall: 1))
    let whole = folder.read("events.ndjson")
    let first = whole.prefix { $0 != "\n" }
    for length in [1, 10, first.count] {
      folder.write("events.ndjson", whole + String(first.prefix(length)))
      let trace = try BundleReader.read(folder.path)
      #expect(trace.events.count == 2)
      #expect(!trace.manifest.complete)
      #expect(trace.manifest.gaps.map(\.detail) == ["the last line of events.ndjson is cut off"])
    }
  }

  @Test func errorsNameFileAndLine() throws {
    let folder = try TemporaryFolder()
    #expect(
      error(folder.path)
        == """
        cannot read \(folder.path): no bundle: it has no run.json: No such file or directory (ENOENT)
        hint: a bundle is the folder that 'envprobe run --out' or 'envprobe matrix --out' makes
        """.replacing(": No such file or directory (ENOENT)", with: ""))
    folder.write("run.json", #"{"schema": "envprobe.run/9"}"#)
    #expect(
      error(folder.path)
        == "cannot read \(folder.path)/run.json: its schema is 'envprobe.run/9', and this envprobe reads 'envprobe.run/1'"
    )
    folder.write("run.json", "{")
    #expect(error(folder.path).hasPrefix("cannot read \(folder.path)/run.json: "))

    let bundle = folder.path + "/b"
    let writer = try BundleWriter(directory: bundle, manifest: Self.manifest)
    writer.record(Self.call, pid: 1)
    try writer.finish(exit: Exit(status: 0, wall: 1))
    let good = folder.read("b/events.ndjson")
    folder.write("b/events.ndjson", good + "{\"seq\":3}\n" + good)
    #expect(error(bundle).hasPrefix("cannot read \(bundle)/events.ndjson:3: "))
    folder.write("b/events.ndjson", good + #"{"seq":3,"time":0,"kind":"nothing","data":{}}"# + "\n")
    #expect(error(bundle) == "cannot read \(bundle)/events.ndjson:3: kind: unknown kind of event 'nothing'")
    #expect(throws: BundleError.self) { try BundleWriter(directory: bundle, manifest: Self.manifest) }
  }

  private func error(_ directory: String) -> String {
    do {
      _ = try BundleReader.read(directory)
      return "no error"
    } catch {
      return error.description
    }
  }

  /// The run goes on, the manifest says why it is incomplete, and what was written can be read.
  @Test(.enabled(if: geteuid() == 0, "needs root, to mount a memory file system of 192 KiB"), arguments: [true, false])
  func aFullDiskIsSaidInTheManifest(byBlob: Bool) throws {
    let folder = try TemporaryFolder()
    #expect(recorder_mount_small(folder.path, "size=192k") == 0)
    defer { recorder_unmount(folder.path) }
    let writer = try BundleWriter(directory: folder.path + "/run", manifest: Self.manifest)
    if byBlob {
      writer.record(Self.call, pid: 1)
      _ = writer.store([UInt8](repeating: 1, count: 300 << 10))
    } else {
      for _ in 0..<10_000 { writer.record(Self.call, pid: 1) }
    }
    writer.record(.diagnostic(Diagnostic("still going")))
    let error = #expect(throws: BundleError.self) { try writer.finish(exit: Exit(status: 0, wall: 1)) }
    #expect(error?.errno == ENOSPC)
    let trace = try BundleReader.read(folder.path + "/run")
    #expect(!trace.events.isEmpty)
    #expect(!trace.manifest.complete)
    #expect(trace.manifest.exit?.status == 0)
    let gap = try #require(trace.manifest.gaps.first)
    #expect(gap.kind == .bundle)
    #expect(gap.detail.hasSuffix("No space left on device (ENOSPC)"))
    #expect(gap.count > 0)
  }
}
