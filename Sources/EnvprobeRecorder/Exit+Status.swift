import EnvprobeModel
import Glibc

extension Exit {
  /// What `wait4` said of the program.
  ///
  /// - Parameters:
  ///   - status: The wait status.
  ///   - usage: The resources of the whole tree: a process that was waited for has those of its children added.
  ///   - wall: Seconds from launch to end.
  public init(waitStatus status: Int32, usage: rusage, wall: Double, timedOut: Bool = false) {
    let signal = Int(status & 0x7f)
    self.init(
      status: signal == 0 ? Int(status >> 8 & 0xff) : nil, signal: signal == 0 ? nil : signal, timedOut: timedOut,
      wall: wall, userTime: Self.seconds(usage.ru_utime), systemTime: Self.seconds(usage.ru_stime),
      // Linux counts in KiB.
      peakMemory: usage.ru_maxrss * 1024)
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
