import Foundation
import Testing

/// `envprobe run` at a terminal: size, keys, interrupts and job control are those of the program natively.
@Suite struct TerminalTests {
  @Test(.enabled(if: requires("python3", "bash"), "needs python3 and bash")) func isAsWithoutEnvprobe() throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Terminal/session.py").path
    let call = try Call.run([Call.tool("python3")!, script, Call.binary], in: try Folder())
    #expect(call.status == 0, "\(call.output)\(call.errors)")
  }
}
