import EnvprobeTestSupport
import Foundation

/// The probe programs, each compiled once: static ones, so that what they ask for is what their sources say.
enum Probe {
  static let path = compile("probe")
  /// Gets signals all the time while it makes calls.
  static let interrupted = compile("interrupted")

  private static func compile(_ name: String) -> Result<String, any Error> {
    Result { try compiled(name) }
  }

  private static func compiled(_ name: String) throws -> String {
    let folder = try TestFolder()
    let folderOfSources = (#filePath as NSString).deletingLastPathComponent + "/Probe"
    let source = "\(folderOfSources)/\(name).c"
    let output = (Envprobe.publicPath as NSString).deletingLastPathComponent + "/" + name
    let result = try folder.execute(["/usr/bin/env", "gcc", "-static", "-O1", "-Wall", "-Werror", "-o", output, source])
    guard result.status == 0 else { throw CannotCompile(description: result.errorOutput) }
    return output
  }

  struct CannotCompile: Error { var description: String }
}
