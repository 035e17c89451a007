import ArgumentParser
import EnvprobeMatrix

/// Several versions of one program.
struct SubjectOptions: ParsableArguments {
  @Option(
    name: .customLong("subject"),
    help: ArgumentHelp(
      "A version of the program to put in its place: its name and its path. Repeatable, in order; the report says which "
        + "versions show what.", valueName: "name=path"))
  var subjects: [SubjectChoice] = []

  @Flag(help: "Run only the versions that it takes to find where, in their order, findings come or go.")
  var bisect = false

  func validate() throws {
    if subjects.count == 1 { throw ValidationError("--subject compares versions: name two or more.") }
    if bisect, subjects.isEmpty { throw ValidationError("--bisect needs versions: --subject name=path, in order.") }
    var names: Set<String> = []
    for subject in subjects where !names.insert(subject.name).inserted {
      throw ValidationError("Two versions are called '\(subject.name)'.")
    }
  }
}

/// `old=/opt/agent-1.0`
struct SubjectChoice: ExpressibleByArgument, Hashable, Sendable {
  var name: String
  var path: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "=") else { return nil }
    name = String(argument[..<equals])
    path = String(argument[argument.index(after: equals)...])
    let isFolder = name.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
          || "._-".unicodeScalars.contains(scalar))
    }
    guard !name.isEmpty, !path.isEmpty, isFolder, !name.hasPrefix(".") else { return nil }
  }
}
