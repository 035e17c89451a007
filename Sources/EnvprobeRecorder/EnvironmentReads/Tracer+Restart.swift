import CEnvprobeTracer
import EnvprobeModel

extension Tracer {
  /// The kernel's internal results "begin again, unless the signal's handler forbids it" and "begin again in any case"
  /// (include/linux/errno.h).
  private static let restart = UInt64(bitPattern: -512), restartAlways = UInt64(bitPattern: -513)

  /// The code segment of 32-bit programs (`__USER32_CS`).
  private static let compatibilitySegment: UInt64 = 0x23

  /// Lets a call begin again that a signal broke off while it waited for the recorder and not for anything of its own.
  ///
  /// Until the recorder has received a notification, any signal ends the wait, and a handler without SA_RESTART lets the
  /// call fail with EINTR: a result that programs rightly do not expect of `open` or `fork`, which natively never give it.
  func restartUnbegunCall(of thread: TracedThread) {
    var registers = envprobe_registers()
    guard envprobe_tracer_get_wide_registers(thread.id, &registers) >= 0, registers.rax == Self.restart,
      let number = Int32(exactly: Int64(bitPattern: registers.orig_rax)), number >= 0
    else { return }
    let architecture = registers.cs == Self.compatibilitySegment ? SyscallDirectory.i386 : SyscallDirectory.amd64
    guard calls.entry(number: number, architecture: architecture).rule?.waitsForNobody == true else { return }
    registers.rax = Self.restartAlways
    envprobe_tracer_set_wide_registers(thread.id, &registers)
  }
}
