/// A function whose call means that a program takes all variables at once. Which of them it uses afterwards cannot be
/// seen from outside.
struct BulkCopier: Sendable {
  /// The exported function.
  var symbol: String
  var runtime: String
  var reason: String

  /// One row is all it takes to know a further runtime.
  static let table = [
    BulkCopier(
      symbol: "PyInit_posix", runtime: "python", reason: "CPython copies all variables into os.environ when it starts"),
    BulkCopier(
      symbol: "Java_java_lang_ProcessEnvironment_environ", runtime: "java",
      reason: "Java's System.getenv copied all variables"),
    BulkCopier(
      symbol: "initialize_shell_variables", runtime: "bash",
      reason: "Bash turns all variables into its own when it starts"),
    BulkCopier(symbol: "perl_parse", runtime: "perl", reason: "Perl copies all variables into %ENV when it starts"),
    BulkCopier(symbol: "uv_os_environ", runtime: "node", reason: "process.env was enumerated in Node.js"),
    BulkCopier(symbol: "syscall.Environ", runtime: "go", reason: "the Go program asked for all variables"),
  ]

  static func index(of symbol: String) -> Int? { table.firstIndex { $0.symbol == symbol } }
}
