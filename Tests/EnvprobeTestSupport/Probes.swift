import Foundation
import Testing

/// Programs that print what they ask for, one per runtime, built once from `Probes/`.
public enum Probes {
  private static let folder: URL = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("envprobe-probes-\(getpid())")
    try! FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // Another user runs them, too.
    try! FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    return folder
  }()
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Probes")

  /// How one is made: the command, with `SOURCE` and `OUTPUT` for the files.
  public struct Recipe: CustomTestStringConvertible, Sendable {
    public var name: String
    var source: String
    var commands: [[String]]
    public var testDescription: String { name }
  }

  public static let dynamicC = Recipe(name: "C, dynamic", source: "probe.c", commands: [["gcc", "-O2", "-pthread"]])
  public static let staticC = Recipe(
    name: "C, static glibc", source: "probe.c", commands: [["gcc", "-O2", "-pthread", "-static"]])
  public static let staticPIE = Recipe(
    name: "C, static-pie glibc", source: "probe.c", commands: [["gcc", "-O2", "-pthread", "-static-pie"]])
  public static let musl = Recipe(
    name: "C, static musl", source: "probe.c", commands: [["musl-gcc", "-O2", "-pthread", "-static"]])
  public static let dynamicMusl = Recipe(
    name: "C, dynamic musl", source: "probe.c", commands: [["musl-gcc", "-O2", "-pthread"]])
  public static let strippedC = Recipe(
    name: "C, static glibc, stripped", source: "probe.c", commands: [["gcc", "-O2", "-pthread", "-static", "-s"]])
  public static let strippedMusl = Recipe(
    name: "C, static musl, stripped", source: "probe.c", commands: [["musl-gcc", "-O2", "-pthread", "-static", "-s"]])
  public static let rust = Recipe(name: "Rust", source: "probe.rs", commands: [["rustc", "-O", "-C", "strip=none"]])
  public static let go = Recipe(name: "Go", source: "probe.go", commands: [["go", "build"]])
  public static let strippedGo = Recipe(
    name: "Go, stripped", source: "probe.go", commands: [["go", "build", "-ldflags=-s -w"]])
  public static let pieGo = Recipe(
    name: "Go, position-independent", source: "probe.go", commands: [["go", "build", "-buildmode=pie"]])

  private static let lock = NSLock()
  nonisolated(unsafe) private static var built: [String: String] = [:]  // guarded by `lock`

  /// The path of the program.
  public static func build(_ recipe: Recipe) throws -> String {
    lock.lock()
    defer { lock.unlock() }
    if let path = built[recipe.name] { return path }
    let output = folder.appendingPathComponent("probe\(built.count)").path
    for command in recipe.commands {
      let input = sources.appendingPathComponent(recipe.source).path
      try run(command + ["-o", output, input])
    }
    built[recipe.name] = output
    return output
  }

  /// A folder with `Probe.class`.
  public static func buildJava() throws -> String {
    try run(["javac", "-d", folder.path, sources.appendingPathComponent("Probe.java").path])
    return folder.path
  }

  static func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging([
      "GOCACHE": folder.appendingPathComponent("go").path, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod",
      "GO111MODULE": "off",
    ]) { $1 }
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(command.joined(separator: " "))")
  }

  /// Where a program is in PATH, as a shell finds it.
  public static func find(_ program: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
      .first { access($0, X_OK) == 0 }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips where a program is missing; in CI that is a failure.
  public static func requires(_ programs: String...) -> Self {
    let missing = programs.filter { Probes.find($0) == nil }
    let isCI = ProcessInfo.processInfo.environment["CI"] != nil
    return .enabled(if: isCI || missing.isEmpty, "needs \(missing.joined(separator: ", ")): install it")
  }
}
