import EnvprobeModel
import Foundation
import SystemPackage
import Testing

@testable import EnvprobeSandbox

@Suite struct CommandResolverTests {
  func folder() throws -> String {
    let path = "/tmp/resolver-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path + "/a", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: path + "/b", withIntermediateDirectories: true)
    return HostFiles.realPath(path)!
  }

  func make(_ path: String, _ text: String = "", mode: mode_t = 0o755) throws {
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, mode)
  }

  @Test func theFirstThatCanBeExecutedIsTaken() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try make(folder + "/a/tool", mode: 0o644)
    try make(folder + "/b/tool")
    try make(folder + "/a/plain", mode: 0o644)
    try make(folder + "/here")
    let resolver = CommandResolver(
      searchPath: "\(folder)/none:\(folder)/a:\(folder)/b:", workDirectory: folder, homes: [], showsWorkDirectory: true)
    #expect(try resolver.resolve("tool").path == folder + "/b/tool")
    #expect(try resolver.resolve("here").path == folder + "/here", "an empty entry of PATH is the working directory")
    #expect(try resolver.resolve("./a/../here").path == folder + "/here")
    #expect(throws: LaunchError(.findCommand, subject: "plain", errno: .permissionDenied)) {
      try resolver.resolve("plain")
    }
    #expect(
      throws: LaunchError(
        .findCommand, subject: "absent", errno: .noSuchFileOrDirectory, hint: "it is in no folder of PATH")
    ) { try resolver.resolve("absent") }
    #expect(throws: LaunchError(.findCommand, subject: "a/", errno: .isDirectory)) { try resolver.resolve("a/") }
  }

  @Test func onlyWhatItNeedsIsShown() throws {
    let home = try folder()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let resolver = CommandResolver(
      searchPath: home + "/.local/bin", workDirectory: "/srv", homes: [home], showsWorkDirectory: true)
    func exposures(_ path: String) throws -> [Plan.Exposure] {
      try resolver.resolve(home + path).exposures.filter { isWithin($0.path, home) }
    }
    // One program of many: its file.
    try make(home + "/.local/bin/single", "\u{7f}ELF")
    #expect(try exposures("/.local/bin/single") == [.file(home + "/.local/bin/single")])
    // A script in a shared folder: not the folder.
    try make(home + "/.local/bin/script", "#!/bin/sh\n")
    #expect(try exposures("/.local/bin/script") == [.file(home + "/.local/bin/script")])
    // A script among the files that it belongs to.
    try make(home + "/project/run", "#!/bin/sh\n")
    #expect(try exposures("/project/run") == [.folder(home + "/project")])
    // A script in the home itself: never the home.
    try make(home + "/run", "#!/bin/sh\n")
    #expect(try exposures("/run") == [.file(home + "/run")])
    // A virtual environment that a link leads into, with the Python that it was made from.
    try make(home + "/.local/share/venvs/tool/pyvenv.cfg", "home = \(home)/python/bin\n")
    try make(home + "/.local/share/venvs/tool/bin/tool", "#!\(home)/.local/share/venvs/tool/bin/python\n")
    try make(home + "/python/bin/python3", "\u{7f}ELF")
    try make(home + "/python/lib/python3.11/os.py")
    try FileManager.default.createSymbolicLink(
      atPath: home + "/.local/share/venvs/tool/bin/python", withDestinationPath: home + "/python/bin/python3")
    try FileManager.default.createSymbolicLink(
      atPath: home + "/.local/bin/tool", withDestinationPath: home + "/.local/share/venvs/tool/bin/tool")
    #expect(
      Set(try exposures("/.local/bin/tool")) == [
        .link(.init(path: home + "/.local/bin/tool", target: home + "/.local/share/venvs/tool/bin/tool")),
        .folder(home + "/.local/share/venvs/tool"), .folder(home + "/python"),
      ])
    // Its interpreter, which is a link out of it.
    #expect(
      Set(try exposures("/.local/share/venvs/tool/bin/python")) == [
        .folder(home + "/.local/share/venvs/tool"), .folder(home + "/python"),
      ])
    // A program among others that it may start.
    try make(home + "/apps/one/bin/main", "\u{7f}ELF")
    #expect(try exposures("/apps/one/bin/main") == [.folder(home + "/apps/one/bin")])
    // What is not hidden needs nothing.
    #expect(try resolver.resolve("/bin/sh").exposures == [])
  }
}

@Suite struct LocaleCacheTests {
  @Test(arguments: [
    ("zh_CN.UTF-8", "zh_CN.utf8"), ("de_DE@euro", "de_DE@euro"), ("sr_RS.UTF-8@latin", "sr_RS.utf8@latin"),
    ("ja_JP.eucJP", "ja_JP.eucjp"), ("C.UTF-8", "C.utf8"), ("de_DE.ISO-8859-1", "de_DE.iso88591"),
  ])
  func foldersAreNamedAsTheCLibraryLooksForThem(_ locale: String, _ folder: String) {
    #expect(LocaleCache.folderName(of: locale) == folder)
  }

  @Test func anUnknownLocaleIsAnError() throws {
    let cache = LocaleCache(folder: "/tmp/locales-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(atPath: cache.folder) }
    let error = #expect(throws: LaunchError.self) { try cache.layers(for: ["xx_XX.UTF-8"]) }
    #expect(error?.description == "cannot build the locale xx_XX.UTF-8: No such file or directory (ENOENT)")
    #expect(try cache.layers(for: ["C.UTF-8"]) == [])
  }
}

@Suite struct IDExchangeTests {
  @Test(arguments: [
    (UInt64(0), UInt64(65533), "0 65533 1\n1 1 65532\n65533 0 1\n65534 65534 4294901761\n"),
    (1000, 65533, "0 0 1000\n1000 65533 1\n1001 1001 64532\n65533 1000 1\n65534 65534 4294901761\n"),
    (65533, 65533, "0 0 4294967295\n"),
  ])
  func twoIDsTradePlaces(_ first: UInt64, _ second: UInt64, _ map: String) {
    #expect(IDExchange(ranges: [0..<4_294_967_295], first: first, second: second).map == map)
  }

  @Test func idsThatDoNotExistAreLeftOut() {
    let ranges = IDExchange.ranges(in: "         0     100000      65536\n     70000      1 1\n")
    #expect(ranges == [0..<65536, 70000..<70001])
    #expect(
      IDExchange(ranges: ranges, first: 0, second: 65533).map
        == "0 65533 1\n1 1 65532\n65533 0 1\n65534 65534 2\n70000 70000 1\n")
  }
}

@Suite struct CertificateSubjectTests {
  @Test(arguments: [
    "/CN=x", "/O=Some  Org /CN=Root R1", "/C=DE/O=Gr\u{fc}\u{df}e/OU=a, b/CN=\u{4e2d}\u{6587}",
    "/CN=A/CN=B/emailAddress=a@B.example",
  ])
  func theHashIsOpenSSLs(_ subject: String) throws {
    let folder = "/tmp/certificate-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try Trial.execute([
      "/usr/bin/openssl", "req", "-x509", "-utf8", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-keyout", folder + "/key", "-out", folder + "/pem", "-subj", subject,
    ])
    let expected = try Trial.execute(["/usr/bin/openssl", "x509", "-subject_hash", "-noout", "-in", folder + "/pem"])
    let pem = try String(contentsOfFile: folder + "/pem", encoding: .utf8)
    #expect(CertificateSubject(pem: pem)?.hash == expected.lines.first)
  }

  @Test func whatIsNoCertificateHasNone() {
    #expect(CertificateSubject(pem: "") == nil)
    let cut = "-----BEGIN CERTIFICATE-----\nMIIBAgMEBQ==\n-----END CERTIFICATE-----\n"
    #expect(CertificateSubject(pem: cut) == nil)
  }
}

@Suite struct StageTests {
  @Test func onlyAbandonedStagesAreRemoved() throws {
    let parent = "/tmp/stages-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: parent) }
    for name in ["run-abcdef", "run-locked", "run-newnew", "run-longername", "other"] {
      try FileManager.default.createDirectory(atPath: "\(parent)/\(name)/home/x", withIntermediateDirectories: true)
    }
    let lock = Stage(path: parent + "/run-locked").lock()
    defer { lock.map { _ = close($0) } }
    #expect(lock != nil && Stage(path: parent + "/run-locked").lock() == nil)
    func remaining() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: parent).sorted() }
    try Stage.removeAbandoned(in: parent, owner: geteuid(), now: time(nil) + 30)
    #expect(try remaining() == ["other", "run-abcdef", "run-locked", "run-longername", "run-newnew"])
    try Stage.removeAbandoned(in: parent, owner: geteuid() + 1, now: time(nil) + 90)
    #expect(try remaining().count == 5)
    try Stage.removeAbandoned(in: parent, owner: geteuid(), now: time(nil) + 90)
    #expect(try remaining() == ["other", "run-locked", "run-longername"])
  }
}
