import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel
import EnvprobeSandbox
import EnvprobeWire

/// How an error of any stage is told, and the status it ends with.
enum Failure {
  /// Prints the error and returns what to exit with.
  ///
  /// - Parameter status: what the command exits with where envprobe itself failed.
  static func report(_ error: any Error, otherwise status: ExitStatus) -> any Error {
    switch error {
    case is ExitCode, is ValidationError, is CleanExit: return error
    case let error as LaunchError:
      Log.say(error.message, level: "error")
      // Only `run` stands in for the program and takes a shell's statuses for it.
      return status.code == ExitStatus.failed.code ? ExitCode(error.exitStatus) : status.exitCode
    case let error as ProfileError:
      Log.say(error.problems.map { "envprobe: \($0)" }.joined(separator: "\n"), level: "error")
      return ExitStatus.usage.exitCode
    case let error as ConfigurationError:
      Log.say(error.description, level: "error")
      return ExitStatus.usage.exitCode
    case is UsageError, is ScenarioError:
      Log.say("envprobe: \(error)", level: "error")
      return ExitStatus.usage.exitCode
    default:
      Log.say("envprobe: \(error)", level: "error")
      return status.exitCode
    }
  }

  static func catching<Value>(otherwise status: ExitStatus, _ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch { throw report(error, otherwise: status) }
  }
}
