import EnvprobeTestSupport
import Foundation

/// The probe program, compiled once: a static one, so that what it asks for is what its arguments say.
enum Probe {
  static let path: Result<String, any Error> = Result {
    let folder = try TestFolder()
    let source = ((#filePath as NSString).deletingLastPathComponent as NSString).appendingPathComponent("Probe/probe.c")
    let output = (Envprobe.publicPath as NSString).deletingLastPathComponent + "/probe"
    let result = try folder.execute(["/usr/bin/env", "gcc", "-static", "-O1", "-Wall", "-Werror", "-o", output, source])
    guard result.status == 0 else { throw CannotCompile(description: result.errorOutput) }
    return output
  }

  struct CannotCompile: Error { var description: String }
}
