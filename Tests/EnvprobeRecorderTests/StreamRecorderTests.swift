import CRecorderTestSupport
import EnvprobeModel
import Glibc
import Testing

@testable import EnvprobeRecorder

@Suite struct StreamRecorderTests {
  private func recorded(_ sink: MemorySink) -> [UInt8] {
    sink.events.flatMap { event -> [UInt8] in
      if case .output(let output) = event.payload { output.bytes.bytes } else { [] }
    }
  }

  private let text = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })

  @Test func allIsPassedOnAndRecorded() throws {
    let sink = MemorySink()
    let source = makePipe()
    let destination = makePipe()
    let recorder = try StreamRecorder(.stdout, source: source[0], destination: destination[1], sink: sink)
    let text = self.text
    let writer = try KernelThread("test") {
      _ = writeAll(source[1], text)
      close(source[1])
    }
    // A slow reader.
    usleep(50_000)
    let passed = try readAll(destination[0], limit: text.count).get()
    writer.join()
    recorder.finish()
    #expect(passed == text)
    #expect(recorded(sink) == text)
  }

  /// `head` goes away; the program writes on.
  @Test func aClosedReaderDoesNotLoseTheRecord() throws {
    let sink = MemorySink()
    let source = makePipe()
    let destination = makePipe()
    close(destination[0])
    let recorder = try StreamRecorder(.stderr, source: source[0], destination: destination[1], sink: sink)
    #expect(writeAll(source[1], text) == 0)
    close(source[1])
    recorder.finish()
    #expect(recorded(sink) == text)
    #expect(
      sink.events.contains {
        $0.payload == .diagnostic(Diagnostic("stderr could not be passed on: Broken pipe (EPIPE)"))
      })
  }

  @Test func aClosedReaderIsPassedOnWhereAskedFor() throws {
    let sink = MemorySink()
    let source = makePipe()
    let destination = makePipe()
    close(destination[0])
    let recorder = try StreamRecorder(
      .stdout, source: source[0], destination: destination[1], sink: sink, whenClosed: .closeSource)
    let text = self.text
    let error = Outcome()
    let writer = try KernelThread("test") { error.value = writeAll(source[1], text) }
    recorder.finish()
    writer.join()
    #expect(error.value == -EPIPE)
    #expect(!recorded(sink).isEmpty)
  }

  private final class Outcome: @unchecked Sendable {
    // Written by one thread before it is joined, and read after that.
    var value: Int32 = 0
  }

  @Test func stopTakesWhatIsThere() throws {
    let sink = MemorySink()
    let source = makePipe()
    let recorder = try StreamRecorder(.stdout, source: source[0], destination: nil, sink: sink)
    #expect(writeAll(source[1], Array("left".utf8)) == 0)
    recorder.stop()
    #expect(recorded(sink) == Array("left".utf8))
    close(source[1])
  }
}

/// One at a time: a process has one terminal in raw mode.
@Suite(.serialized) struct TerminalRecorderTests {
  private func openTerminal() -> (master: Int32, slave: Int32) {
    var ends: [Int32] = [-1, -1]
    #expect(recorder_open_terminal(&ends) == 0)
    return (ends[0], ends[1])
  }

  @Test func keysAndOutputAndSizesGoThrough() throws {
    let user = openTerminal()
    let program = openTerminal()
    #expect(recorder_set_window(user.master, 33, 100) == 0)
    let sink = MemorySink()
    #expect(recorder_is_raw(user.slave) == 0)
    let recorder = try TerminalRecorder(
      master: program.master, terminal: user.slave, destination: user.slave, sink: sink)
    #expect(recorder_is_raw(user.slave) == 1)
    #expect(recorder_window_rows(program.slave) == 33)

    var buffer = [UInt8](repeating: 0, count: 64)
    _ = write(user.master, "typed\r", 6)
    let typed = read(program.slave, &buffer, buffer.count)
    #expect(String(decoding: buffer[..<max(0, typed)], as: UTF8.self) == "typed\n")
    _ = write(program.slave, "shown\n", 6)
    var shown: [UInt8] = []
    while !shown.contains(UInt8(ascii: "w")) || shown.last != UInt8(ascii: "\n") {
      let count = read(user.master, &buffer, buffer.count)
      guard count > 0 else { break }
      shown += buffer[..<count]
    }
    #expect(String(decoding: shown, as: UTF8.self) == "typed\r\nshown\r\n")

    #expect(recorder_set_window(user.master, 44, 100) == 0)
    // A terminal that does not control this process sends it no signal.
    kill(getpid(), SIGWINCH)
    for _ in 0..<100 where recorder_window_rows(program.slave) != 44 { usleep(10_000) }
    #expect(recorder_window_rows(program.slave) == 44)

    close(program.slave)
    recorder.finish()
    #expect(recorder_is_raw(user.slave) == 0)
    let output = sink.events.flatMap { event -> [UInt8] in
      if case .output(let output) = event.payload, output.stream == .terminal { output.bytes.bytes } else { [] }
    }
    #expect(String(decoding: output, as: UTF8.self) == "typed\r\nshown\r\n")
  }

  /// A program that reads nothing does not keep envprobe from ending.
  @Test func unreadKeysDoNotBlock() throws {
    let user = openTerminal()
    let program = openTerminal()
    // The program's terminal echoes what it gets.
    let nowhere = open("/dev/null", O_WRONLY)
    let recorder = try TerminalRecorder(
      master: program.master, terminal: user.slave, destination: nowhere, sink: MemorySink())
    _ = fcntl(user.master, F_SETFL, O_RDWR | O_NONBLOCK)
    let keys = [UInt8](repeating: UInt8(ascii: "x"), count: 2000)
    for _ in 0..<8 {
      _ = write(user.master, keys, keys.count)
      usleep(5000)
    }
    recorder.stop()
    #expect(recorder_is_raw(user.slave) == 0)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGABRT])
  func aSignalRestoresTheTerminal(signal: Int32) {
    let user = openTerminal()
    let status = recorder_die_raw(user.slave, signal)
    #expect(status & 0x7f == signal)
    #expect(recorder_is_raw(user.slave) == 0)
  }
}
