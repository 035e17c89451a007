import ArgumentParser

/// Which configuration file is used, for every command that has flags with a key in it.
///
/// ``Invocation`` reads these before anything is parsed; here they are declared, for help and completions.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Use this configuration (default: \(ConfigurationFile.name) in this folder or above).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Flag(name: .customLong("no-config"), help: "Use no configuration file.")
  var isWithoutConfiguration = false

  func validate() throws {
    if config != nil, isWithoutConfiguration {
      throw ValidationError("--config and --no-config exclude each other.")
    }
  }
}
