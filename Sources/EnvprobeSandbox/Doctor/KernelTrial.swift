import CEnvprobeDoctor
import EnvprobeModel
import Glibc
import SystemPackage

/// Makes trials of the kernel by children that do nothing else.
enum KernelTrial {
  /// A step that the kernel did not take.
  struct Failure: Error, Hashable {
    var step: String
    var errno: Errno

    /// Such as `mount overlay: Operation not permitted (EPERM)`.
    var description: String { (step.isEmpty ? "" : "\(step): ") + KernelTrial.text(errno) }
  }

  static func text(_ errno: Errno) -> String { "\(errno) (\(ErrnoName.name(of: errno.rawValue)))" }

  /// Makes a trial in a user namespace.
  ///
  /// - Parameter paths: folders that the trial uses; which, says the C header.
  static func attempt(
    _ trial: envprobe_trial, flags: Int32 = 0, paths: [String] = []
  ) throws(Failure) {
    let strings = paths.map { strdup($0) }
    defer { for string in strings { free(string) } }
    let pointers = strings.map { UnsafePointer<CChar>($0) } + [nil]
    var outcome = envprobe_outcome()
    let result = pointers.withUnsafeBufferPointer { pointers in
      envprobe_try(trial, UInt64(UInt32(bitPattern: flags)), pointers.baseAddress, &outcome)
    }
    if result != 0 { throw Failure(step: outcome.text, errno: Errno(rawValue: -result)) }
  }

  static func tracing() throws(Failure) {
    var outcome = envprobe_outcome()
    let result = envprobe_try_tracing(&outcome)
    if result != 0 { throw Failure(step: outcome.text, errno: Errno(rawValue: -result)) }
  }

  /// What the supervision of a child can do here. Tried once: all the checks that ask are about the same child.
  static let supervision: Result<envprobe_supervision, Failure> = {
    var supervision = envprobe_supervision()
    let result = envprobe_try_supervision(&supervision)
    return result == 0
      ? .success(supervision) : .failure(Failure(step: "clone a child", errno: Errno(rawValue: -result)))
  }()

  /// Calls `body` with folders where a run would keep what the program changes, and removes them.
  static func withFolders<Value>(
    _ names: [String], _ body: ([String]) throws -> Value
  ) throws -> Value {
    let parent = Stage.parentFolder(workDirectory: try HostFiles.workingDirectory())
    let folder = try HostFiles.makeTemporaryFolder(in: Stage.changesFolder(besides: parent) ?? parent)
    defer { try? HostFiles.removeTree(folder) }  // it is empty but for what the trial made
    let paths = names.map { "\(folder)/\($0)" }
    for path in paths { try HostFiles.makeFolder(path) }
    return try body(paths)
  }

  /// The outcome of a trial, with the remedy that a launch that fails in the same way is given.
  static func outcome(
    of operation: LaunchError.Operation, _ evidence: String, _ trial: () throws -> Void
  ) -> HostCheck.Outcome {
    do {
      try trial()
      return .works(evidence)
    } catch let failure as Failure {
      let error = LaunchError(operation, errno: failure.errno).withRemedy()
      return .missing(failure.description, remedy: error.hint)
    } catch {
      return .missing("\(error)", remedy: (error as? LaunchError)?.withRemedy().hint)
    }
  }
}

extension envprobe_outcome {
  fileprivate var text: String {
    withUnsafeBytes(of: step) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
