import CEnvprobeRecorder
import EnvprobeModel
import Glibc

/// Joins the user's terminal with the one that the program has, and records what the program writes to it.
///
/// The user's terminal is in raw mode meanwhile: keys, also Ctrl-C, go to the program's terminal, which makes of them
/// what the program has asked for. It is restored by ``finish()``, at exit, and when a signal ends envprobe.
public final class TerminalRecorder: Sendable {
  private let output: StreamRecorder
  private let input: KernelThread
  private let wake: Wake
  private let master: Int32
  private let terminal: Int32

  /// Starts passing on and recording.
  ///
  /// - Parameters:
  ///   - master: The master of the program's terminal; the recorder closes it.
  ///   - terminal: The user's terminal, which is read from and set to raw mode.
  ///   - destination: Where the program's output goes.
  public init(master: Int32, terminal: Int32, destination: Int32, sink: any EventSink) throws(RecorderError) {
    // Where it is no terminal there is no size to take over.
    envprobe_terminal_copy_size(terminal, master)
    let keyboard = dup(master)
    guard keyboard >= 0 else { throw RecorderError("share the program's terminal", errno: errno) }
    _ = fcntl(keyboard, F_SETFD, FD_CLOEXEC)
    // A program that does not read what is typed must not keep the thread from ending.
    _ = fcntl(keyboard, F_SETFL, O_RDWR | O_NONBLOCK)
    let wake = try Wake()
    self.wake = wake
    self.master = master
    self.terminal = terminal
    let sizes = try SizeWatch()
    let raw = envprobe_terminal_raw(terminal)
    guard raw == 0 else { throw RecorderError("set the terminal to raw mode", errno: -raw) }
    do {
      output = try StreamRecorder(.terminal, source: master, destination: destination, sink: sink)
      input = try KernelThread("envprobe-input") {
        KeyboardPump(terminal: terminal, master: keyboard, wake: wake, sizes: sizes).run()
      }
    } catch {
      envprobe_terminal_restore()
      throw error
    }
  }

  /// Lets the user's terminal be as it was while `pause` goes on, and takes its size over afterwards.
  ///
  /// For a program that has been stopped: `pause` stops this process too, so that whoever started it has the terminal.
  public func suspend(_ pause: () -> Void) {
    envprobe_terminal_restore()
    pause()
    // Continued in the background, the process is stopped here again until it has the terminal.
    _ = envprobe_terminal_raw(terminal)
    envprobe_terminal_copy_size(terminal, master)
  }

  /// Waits until the program's terminal is closed by all who had it, and restores the user's.
  public func finish() {
    output.finish()
    end()
  }

  /// Takes what has been written by now and ends.
  public func stop() {
    output.stop()
    end()
  }

  private func end() {
    wake.signal()
    input.join()
    envprobe_terminal_restore()
  }
}

/// A pipe with a byte in it whenever the terminal's size has changed.
private final class SizeWatch: Sendable {
  let descriptor: Int32
  private let writer: Int32

  init() throws(RecorderError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw RecorderError("make a pipe", errno: errno) }
    descriptor = ends[0]
    writer = ends[1]
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      // The handler must not wait for a reader.
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    let error = envprobe_terminal_watch_size(writer)
    guard error == 0 else { throw RecorderError("watch the terminal's size", errno: -error) }
  }

  deinit {
    envprobe_terminal_watch_size(-1)
    close(descriptor)
    close(writer)
  }
}

private struct KeyboardPump {
  let terminal: Int32
  let master: Int32
  let wake: Wake
  let sizes: SizeWatch

  func run() {
    defer { close(master) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    /// Typed, but not taken by the program yet: only when it is empty, more is read.
    var typed: ArraySlice<UInt8> = []
    while true {
      var waiting = [
        pollfd(fd: typed.isEmpty ? terminal : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: sizes.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: typed.isEmpty ? -1 : master, events: Int16(POLLOUT), revents: 0),
      ]
      if poll(&waiting, 4, -1) < 0 && errno != EINTR { return }
      if waiting[2].revents != 0 { return }
      if waiting[1].revents != 0 {
        _ = read(sizes.descriptor, &buffer, buffer.count)
        envprobe_terminal_copy_size(terminal, master)
      }
      if waiting[0].revents != 0 {
        let count = read(terminal, &buffer, buffer.count)
        if count > 0 {
          typed = buffer[..<count]
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
          // The user's terminal is gone. What becomes of the program is decided by the hang-up that envprobe gets.
          return
        }
      }
      if waiting[3].revents != 0 {
        let count = typed.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
        if count > 0 {
          typed = typed.dropFirst(count)
        } else if errno != EINTR && errno != EAGAIN {
          return
        }
      }
    }
  }
}
