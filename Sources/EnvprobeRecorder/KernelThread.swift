import CEnvprobeRecorder
import Glibc
import Synchronization

/// A thread for a loop that blocks in the kernel, which must not hold up Swift's cooperative pool.
///
/// All signals are blocked in it, so that they reach the threads that wait for them, and a write to a closed pipe is an
/// error and not the process's end.
final class KernelThread: Sendable {
  private let thread: pthread_t
  private let isJoined = Mutex(false)

  private final class Body {
    let name: String
    let run: @Sendable () -> Void
    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  /// - Parameter name: At most 15 bytes, for `ps` and debuggers.
  init(_ name: String, run: @escaping @Sendable () -> Void) throws(RecorderError) {
    let body = Unmanaged.passRetained(Body(name: name, run: run))
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // A new thread inherits the mask: set here, no signal can slip in before the thread sets it itself.
    pthread_sigmask(SIG_SETMASK, &all, &before)
    var thread = pthread_t()
    let error = pthread_create(
      &thread, nil,
      { context in
        let body = Unmanaged<Body>.fromOpaque(context!).takeRetainedValue()
        envprobe_name_thread(body.name)
        body.run()
        return nil
      }, body.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard error == 0 else {
      body.release()
      throw RecorderError("start the thread", subject: name, errno: error)
    }
    self.thread = thread
  }

  /// Waits for its end. Only the first call does.
  func join() {
    let isFirst = isJoined.withLock { isJoined in
      defer { isJoined = true }
      return !isJoined
    }
    if isFirst { pthread_join(thread, nil) }
  }
}
