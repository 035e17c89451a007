import Glibc

/// A test of one scalar of a profile.
///
/// The rules reject what could never be made true inside the sandbox, or would be made true in another way than meant.
/// Whether a zone or a locale exists on the machine is not known here.
struct ValueRule: Sendable {
  /// What is wrong with a value and what to write instead, `nil` where it is good.
  let complaint: @Sendable (String) -> String?

  static let timezone = ValueRule { text in
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isShaped = parts.allSatisfy { part in
      part.utf8.first?.isLetter == true && part.utf8.allSatisfy { $0.isLetterOrDigit || "_+-".utf8.contains($0) }
    }
    guard isShaped, parts.count <= 3 else {
      return "'\(text)' is no time zone name; write one of the IANA database, such as Asia/Shanghai"
    }
    let known = parts.count == 1 ? zonesWithoutArea : zoneAreas
    if known.contains(String(parts[0])) { return nil }
    let what = parts.count == 1 ? "time zone" : "time zone area"
    if let nearest = nearestName(to: String(parts[0]), among: known) {
      return "unknown \(what) '\(parts[0])' (did you mean '\(nearest)'?)"
    }
    return "unknown \(what) '\(parts[0])'; write a zone of the IANA database, such as Asia/Shanghai"
  }

  static let locale = ValueRule { text in
    if ["C", "POSIX", "C.UTF-8"].contains(text) { return nil }
    let wanted = "'\(text)' is no locale; write language_COUNTRY.CODESET, such as zh_CN.UTF-8"
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
      return wanted
    }
    let named = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let language = named[0].split(separator: "_", omittingEmptySubsequences: false)
    let isLanguage = (2...3).contains(language[0].utf8.count) && language[0].utf8.allSatisfy(\.isLowercaseLetter)
    let isCountry = language.count == 1 || (language.count == 2 && countryCodes.contains(String(language[1])))
    guard named.count <= 2, isLanguage, isCountry else { return wanted }
    if named.count == 1 { return "'\(text)' names no codeset; write \(named[0]).UTF-8" }
    return named[1].utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") } ? nil : wanted
  }

  /// `LANGUAGE`: locales without codeset, by preference.
  static let languageList = ValueRule { text in
    text.split(separator: ":").allSatisfy { $0.utf8.allSatisfy { $0.isLetterOrDigit || "_@.-".utf8.contains($0) } }
      && !text.isEmpty
      ? nil : "'\(text)' is no list of languages; write them by preference, such as zh_CN:en_US"
  }

  static let hostName = ValueRule(complaint: hostNameComplaint)

  static let domain = ValueRule { text in
    hostNameComplaint(text).map { _ in "'\(text)' is no domain; write one such as corp.example.com" }
  }

  static let address = ValueRule { text in
    isIPAddress(text) ? nil : "'\(text)' is no IP address; write one such as 223.5.5.5"
  }

  static let interfaceAddress = ValueRule { text in
    guard isIPAddress(text, family: AF_INET) else {
      return "'\(text)' is no IPv4 address; write one such as 10.32.4.17"
    }
    return text.hasPrefix("127.") || text.hasPrefix("0.") ? "'\(text)' cannot be the address of an interface" : nil
  }

  static let country = ValueRule { text in
    if countryCodes.contains(text) { return nil }
    if countryCodes.contains(text.uppercased()) { return "'\(text)' is no country code; write '\(text.uppercased())'" }
    return "'\(text)' is no country code; write two letters of ISO 3166-1, such as CN"
  }

  static let endpoint = ValueRule { text in
    guard let url = WebAddress(text), ["http", "https"].contains(url.scheme) else {
      return "'\(text)' is no base URL; write one such as https://gw.example.com"
    }
    if url.credentials != nil { return "a base URL bears no credentials; take '\(url.credentials!)@' out" }
    return url.path.contains { "?#".contains($0) } ? "a base URL has no query and no fragment: '\(text)'" : nil
  }

  static let proxy = ValueRule { text in
    let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
    guard let url = WebAddress(text) else {
      return "'\(text)' is no proxy URL; write one such as http://proxy.example.com:8080"
    }
    if !schemes.contains(url.scheme) { return unknownName("proxy scheme", url.scheme, known: schemes) }
    return ["", "/"].contains(url.path) ? nil : "a proxy URL has no path: '\(text)'"
  }

  static let proxyException = ValueRule { text in
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") }
      ? nil : "'\(text)' is no host, domain or address that a proxy is to be bypassed for"
  }

  /// GOPROXY is a list in which `direct` and `off` are allowed; every other mirror is one URL.
  static func mirror(_ mirror: Mirror) -> ValueRule {
    ValueRule { text in
      let urls = mirror.isList ? text.split(whereSeparator: { ",|".contains($0) }).map(String.init) : [text]
      let isGood =
        !urls.isEmpty
        && urls.allSatisfy { url in
          if mirror.isList, ["direct", "off"].contains(url) { return true }
          return WebAddress(url).map { ["http", "https"].contains($0.scheme) } ?? false
        }
      return isGood
        ? nil : "'\(text)' is no URL of a package index; write one such as https://\(mirror.name).example.com"
    }
  }

  static let user = ValueRule { text in
    let isShaped =
      text.utf8.first.map { $0.isLowercaseLetter || $0 == UInt8(ascii: "_") } == true && text.utf8.count <= 32
      && text.utf8.allSatisfy { $0.isLowercaseLetter || $0.isDigit || "_-".utf8.contains($0) }
    if !isShaped { return "'\(text)' is no login name; write lower-case letters, digits, _ and -, such as wei" }
    return text == "root" ? "the program never runs as root; name an ordinary user" : nil
  }

  /// What may stand in the comment field of a passwd line and in a git configuration.
  static let personName = ValueRule { text in
    text.isEmpty || text.unicodeScalars.contains { ":,<>\"\\".unicodeScalars.contains($0) || $0.isControl }
      ? "'\(text)' is no person's name; leave out : , < > \" and \\" : nil
  }

  static let email = ValueRule { text in
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let isGood =
      parts.count == 2 && hostNameComplaint(String(parts[1])) == nil && !parts[0].isEmpty
      && parts[0].utf8.allSatisfy { $0.isLetterOrDigit || "!#$%&'*+-/=?^_`{|}~.".utf8.contains($0) }
    return isGood ? nil : "'\(text)' is no mail address; write one such as wei@corp.example.cn"
  }

  static let instant = ValueRule { text in
    isInstant(text) ? nil : "'\(text)' is no instant; write it in UTC as RFC 3339 has it: 2026-06-30T04:00:00Z"
  }

  static let variableValue = ValueRule { text in
    text.utf8.contains(0) ? "an environment variable cannot hold a NUL" : nil
  }

  /// A name that a shell could set and that no factor with a key of its own sets.
  static let variableName = ValueRule { text in
    let isShaped =
      text.utf8.first.map { $0.isLetter || $0 == UInt8(ascii: "_") } == true
      && text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") }
    if !isShaped { return "'\(text)' is no name of an environment variable; write letters, digits and _" }
    return Factor.owning(variable: text).map { "\(text) belongs to the factor '\($0)'; set that instead" }
  }

  static let profileName = ValueRule { text in
    text.utf8.first?.isLetterOrDigit == true
      && text.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
      ? nil : "'\(text)' is no profile name; write letters, digits, '.', '_' and '-'"
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
  var isLetter: Bool { isLowercaseLetter || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
  var isLetterOrDigit: Bool { isLetter || isDigit }
}

extension Unicode.Scalar {
  var isControl: Bool { properties.generalCategory == .control }
}

func isIPAddress(_ text: String, family: Int32? = nil) -> Bool {
  var buffer: (UInt64, UInt64) = (0, 0)
  return [AF_INET, AF_INET6].contains { candidate in
    (family == nil || family == candidate) && inet_pton(candidate, text, &buffer) == 1
  }
}

/// The rule of RFC 1123, and the 64 bytes that the kernel has for it.
@Sendable func hostNameComplaint(_ text: String) -> String? {
  let labels = text.split(separator: ".", omittingEmptySubsequences: false)
  let isGood = labels.allSatisfy { label in
    label.utf8.first?.isLetterOrDigit == true && label.utf8.last?.isLetterOrDigit == true && label.utf8.count <= 63
      && label.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
  }
  if !isGood { return "'\(text)' is no host name; write letters, digits and '-' between dots" }
  return text.utf8.count > 64 ? "'\(text)' is longer than the 64 bytes that the kernel has for a host name" : nil
}

/// Whether the text is `YYYY-MM-DDTHH:MM:SS[.fraction]Z` and names a moment that exists.
private func isInstant(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  let pattern = Array("0000-00-00T00:00:00".utf8)
  guard bytes.count > pattern.count, bytes.last == UInt8(ascii: "Z") else { return false }
  for (byte, wanted) in zip(bytes, pattern) {
    guard wanted == UInt8(ascii: "0") ? byte.isDigit : byte == wanted else { return false }
  }
  let fraction = bytes[pattern.count..<(bytes.count - 1)]
  guard fraction.isEmpty || (fraction.first == UInt8(ascii: ".") && (2...10).contains(fraction.count)),
    fraction.dropFirst().allSatisfy(\.isDigit)
  else { return false }
  func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
  let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
  let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
  let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return (1970...9999).contains(year) && (1...12).contains(month) && (1...days[month - 1]).contains(day)
    && number(11..<13) < 24 && number(14..<16) < 60 && number(17..<19) < 60
}

/// The first parts of zone names in the IANA database.
private let zoneAreas = [
  "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada", "Chile", "Etc",
  "Europe", "Indian", "Mexico", "Pacific", "US",
]

/// The zone names in the IANA database that have no area.
private let zonesWithoutArea = [
  "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "Factory", "GB", "GB-Eire", "GMT", "GMT+0",
  "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein",
  "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK",
  "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu",
]

/// ISO 3166-1 alpha-2, officially assigned, and XK for Kosovo as address registries use it.
private let countryCodes: Set<String> = Set(
  """
  AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
  CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
  GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
  KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
  MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
  SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
  UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
  """.split { $0 == " " || $0 == "\n" }.map(String.init))
