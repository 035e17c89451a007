import Crypto
import EnvprobeModel

@testable import EnvprobeCompare

/// A program that hides nothing: it repeats what it was given, in whatever form, or varies by chance.
struct HonestSubject: Sendable {
  /// Rows of the table.
  enum Kind: String, CaseIterable, Sendable { case echo, localised = "localised output", noise, honoured }

  var kind: Kind
  var testDescription: String
  var behave: @Sendable (inout SyntheticTrace) -> Void

  // MARK: Echoes: a value, how it is written, and where

  private static let values: [(name: String, of: @Sendable (SyntheticTrace) -> String)] = [
    ("timezone", { $0.assignment.timezone! }),
    ("locale", { $0.assignment.locale!.lang }),
    ("hostname", { $0.place.hostname }),
    ("endpoint", { $0.endpoint }),
    ("nameserver", { $0.assignment.resolver!.nameservers[0] }),
    ("user", { $0.place.user }),
    ("home", { $0.place.home }),
    ("email", { $0.assignment.identity!.email }),
    ("address", { $0.assignment.network!.address }),
    ("public address", { $0.assignment.network!.publicAddress }),
  ]

  private static let encodings: [(name: String, of: @Sendable (String) -> String)] = [
    ("plain", { $0 }),
    ("lower case", { $0.lowercased() }),
    ("upper case", { $0.uppercased() }),
    ("base64", { Base64.encode(Array($0.utf8)) }),
    ("hex", { Hexadecimal.encode(Array($0.utf8)) }),
    (
      "URL",
      { text in
        text.utf8.map { byte in
          isWord(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            ? String(UnicodeScalar(byte)) : "%" + Hexadecimal.encode([byte]).uppercased()
        }.joined()
      }
    ),
    ("JSON", { $0.replacing("/", with: "\\/") }),
    ("MD5", { Hexadecimal.encode(Insecure.MD5.hash(data: Array($0.utf8))) }),
    ("SHA-1", { Hexadecimal.encode(Insecure.SHA1.hash(data: Array($0.utf8))) }),
    ("beginning of SHA-256", { Hexadecimal.encode(SHA256.hash(data: Array($0.utf8)).prefix(8)) }),
    ("SHA-512", { Hexadecimal.encode(SHA512.hash(data: Array($0.utf8))) }),
  ]

  private static let places: [(name: String, put: @Sendable (inout SyntheticTrace, String) -> Void)] = [
    ("a body", { NoiseTests.post(&$0, #"{"device":\#(ComparisonTests.json($1)),"n":1}"#) }),
    ("a header", { NoiseTests.post(&$0, "{}", headers: [("X-Device", $1)]) }),
    ("output", { $0.print("device: \($1)\nready\n") }),
    ("a file", { $0.write(".agent/device.json", #"{"device":\#(ComparisonTests.json($1))}"#) }),
    ("arguments", { $0.execute(["/usr/bin/tool", "--device=\($1)"]) }),
    ("a query", { $0.request("GET", "https://api.example.org/d?device=\($1.replacing("/", with: "%2F"))") }),
  ]

  static let echoes: [HonestSubject] = values.enumerated().flatMap { row, value in
    encodings.enumerated().map { column, encoding in
      let place = places[(row + column) % places.count]
      return HonestSubject(kind: .echo, testDescription: "\(value.name), \(encoding.name), in \(place.name)") { run in
        ComparisonTests.honest(&run)
        place.put(&run, encoding.of(value.of(run)))
      }
    }
  }

  // MARK: What the locale and the zone decide

  static let localised: [HonestSubject] = [
    local("date by day") { "\($0.two($0.localDate.day)).\($0.two($0.localDate.month)).\($0.localDate.year)" },
    local("date of ISO 8601") { "\($0.date())T\($0.localTime)" },
    local("date with the name of the month") { run in
      let locale = LocaleCalendar.posix
      return "\(locale.months[run.localDate.month - 1]) \(run.localDate.day), \(run.localDate.year)"
    },
    local("day of the week") { LocaleCalendar.posix.weekdays[$0.localDate.weekday] },
    local("hour") { "\($0.localTime.prefix(2))" },
    local("time and zone") { "\($0.localTime) \($0.place.abbreviation)" },
    local("zone by name") { "(\($0.assignment.timezone!))" },
    local("offset in minutes") { "\(-$0.place.utcOffset / 60)" },
    local("offset as ISO 8601 has it") { run in
      let minutes = abs(run.place.utcOffset) / 60
      return "\(run.place.utcOffset < 0 ? "-" : "+")\(run.two(minutes / 60))\(run.two(minutes % 60))"
    },
    local("language tag") { String($0.assignment.locale!.lang.prefix(5)).replacing("_", with: "-") },
    local("language") { "\($0.assignment.locale!.lang.prefix(2))" },
    local("country") { $0.place.country },
    local("seconds since 1970") { "\($0.start)" },
    local("date in UTC") { run in
      let date = CivilTime.Date(dayNumber: run.start / 86_400)
      return "\(date.year)-\(run.two(date.month))-\(run.two(date.day))"
    },
  ]

  private static func local(
    _ name: String, _ text: @escaping @Sendable (SyntheticTrace) -> String
  ) -> HonestSubject {
    HonestSubject(kind: .localised, testDescription: name) { run in
      ComparisonTests.honest(&run)
      let text = text(run)
      run.print("It is \(text) here\n")
      NoiseTests.post(&run, #"{"now":\#(ComparisonTests.json(text))}"#)
    }
  }

  // MARK: Chance

  static let noise: [HonestSubject] =
    NoiseTests.examples.map { example in
      HonestSubject(kind: .noise, testDescription: example.testDescription, behave: example.behave)
    } + [
      chance("jitter") { $0.exit = Exit(status: 0, wall: 1 + Double($0.chance.next() % 1000) / 1000) },
      chance("lines of two workers") { run in
        run.print(
          ["worker one is done\nworker two is done\n", "worker two is done\nworker one is done\n"]
            .randomElement(using: &run.chance)!)
      },
      chance("a warning now and then") { if $0.chance.next() % 3 == 0 { $0.print("warning: slow\n", to: .stderr) } },
      chance("a request now and then") {
        if $0.chance.next() % 3 == 0 { $0.request("GET", "https://updates.example.org/check") }
      },
      chance("ids of many kinds") { run in
        NoiseTests.post(
          &run,
          #"{"a":"\#(run.uuid())","b":"\#(run.hex(8))","c":\#(run.chance.next() % 1_000_000),"d":"req_\#(run.hex(24))"}"#
        )
      },
      chance("letters by chance") { run in
        let word = (0..<16).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement(using: &run.chance)! }
        NoiseTests.post(&run, #"{"a":"\#(String(word))"}"#)
      },
      chance("a nonce of varying length") { run in
        let length = 12 + Int(run.chance.next() % 9)
        NoiseTests.post(&run, #"{"a":"\#(run.hex(length))","b":"x"}"#)
      },
      chance("system calls by chance") { run in
        for name in ["futex", "sched_yield", "madvise", "getrusage"] where run.chance.next() % 2 == 0 {
          run.events.append(.syscall(.init(name: name, arguments: [])))
        }
      },
      chance("paths by chance") { run in
        let path = "/tmp/x-\(run.hex(6))"
        run.events.append(.syscall(.init(name: "access", arguments: [.path(.complete(ByteString(path.utf8)))])))
      },
      chance("exit status by chance") { $0.exit = Exit(status: Int($0.chance.next() % 2), wall: 1) },
    ]

  private static func chance(
    _ name: String, _ behave: @escaping @Sendable (inout SyntheticTrace) -> Void
  ) -> HonestSubject {
    HonestSubject(kind: .noise, testDescription: name) { run in
      ComparisonTests.honest(&run)
      behave(&run)
    }
  }

  // MARK: Configuration that is obeyed

  static let honoured: [HonestSubject] = [
    .init(kind: .honoured, testDescription: "endpoint and proxy") { ComparisonTests.honest(&$0) },
    .init(kind: .honoured, testDescription: "endpoint with a digest of it") { run in
      ComparisonTests.honest(&run)
      let digest = Hexadecimal.encode(SHA256.hash(data: Array(run.endpoint.utf8)).prefix(6))
      NoiseTests.post(&run, #"{"gateway":"\#(digest)"}"#)
    },
    .init(kind: .honoured, testDescription: "mirror") { run in
      run.request("GET", (run.assignment.mirrors?["npm"] ?? "https://registry.npmjs.org") + "/left-pad")
    },
    .init(kind: .honoured, testDescription: "mirror and endpoint") { run in
      ComparisonTests.honest(&run)
      run.request("GET", (run.assignment.mirrors?["npm"] ?? "https://registry.npmjs.org") + "/@scope%2Ftool")
    },
    .init(kind: .honoured, testDescription: "name servers") { run in
      run.events.append(
        .dns(
          .init(
            name: "api.example.org", type: "A", transport: .udp, server: run.assignment.resolver!.nameservers[0],
            answers: ["198.18.0.3"], status: "NOERROR")))
    },
    .init(kind: .honoured, testDescription: "files in HOME") { run in
      run.write(".config/tool/\(run.place.user).json", #"{"home":\#(ComparisonTests.json(run.place.home))}"#)
    },
  ]

  static let all = localised + honoured + noise + echoes

  /// So many of each kind that all of them have their share.
  static func sample(_ count: Int) -> [HonestSubject] {
    if count >= all.count { return all }
    let fixed = localised + honoured + noise
    guard count > fixed.count else { return (0..<count).map { fixed[$0 * fixed.count / count] } }
    return fixed + (0..<count - fixed.count).map { echoes[$0 * echoes.count / (count - fixed.count)] }
  }
}
