import CEnvprobeTracer

/// The memory of a program as it was executed: shared by the processes that it forks, until they execute another.
final class AddressSpace {
  /// A file's code in memory.
  struct Module {
    var range: Range<UInt64>
    /// What is added to a link-time address.
    var bias: UInt64
    var identity: FileIdentity
    var path: String
    var executable: ExecutableFile
  }

  struct Breakpoint {
    var role: ExecutableFile.Target.Role
    /// Where its thread goes on.
    var detour: UInt64
    /// What it took the place of.
    var original: UInt8
    var hits = 0
  }

  /// A child that runs in its parent's memory while the thread that made it waits.
  struct Borrower {
    var child: UInt32
    var parent: UInt32
    var parentThread: Int32
    var threadPointer: UInt64
  }

  let executable: ExecutableFile?
  let path: String?
  /// Shared with the program; `nil` where nothing in it writes there.
  var ring: UnsafeMutableRawPointer?
  var ringAddress: UInt64 = 0
  /// Records taken so far.
  var tail: UInt64 = 0
  /// Since when (nanoseconds) record `tail` has been begun and not finished.
  var stuckSince: UInt64?
  /// Threads that ended since, each of which may have left one record unfinished.
  var deaths = 0
  var pages: [HookPage] = []
  var breakpoints: [UInt64: Breakpoint] = [:]
  var modules: [Module] = []
  var borrowers: [Borrower] = []
  /// How many processes use it.
  var users = 0
  var watchesGetenv = false
  var watchesGo = false
  /// Why reads cannot be seen.
  var obstacle: String?
  /// What can look at the variables by itself.
  var freeReader: String?
  /// What the bootstrap replaced at the program's entry point, while it runs.
  var bootstrap: (entry: UInt64, code: [UInt8], length: Int)?

  init(executable: ExecutableFile?, path: String?) {
    self.executable = executable
    self.path = path
  }

  func module(at address: UInt64) -> Module? { modules.last { $0.range.contains(address) } }

  var runtime: String? {
    executable?.runtime ?? modules.lazy.compactMap(\.executable.runtime).first
  }

  /// A page from which a function can be reached, and where there is room.
  func page(near address: UInt64) -> Int? {
    pages.firstIndex { page in
      let distance = page.address > address ? page.address - address : address - page.address
      return distance < 0x7000_0000 && page.code.count < Int(ENVPROBE_HOOK_PAGE) - 128
    }
  }

  deinit {
    if let ring { envprobe_ring_release(ring) }
  }
}
