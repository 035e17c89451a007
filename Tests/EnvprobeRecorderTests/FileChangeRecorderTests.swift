import CRecorderTestSupport
import EnvprobeModel
import Glibc
import Testing

@testable import EnvprobeRecorder

@Suite struct FileChangeRecorderTests {
  /// A change in one line: `created file a/b 644 5 "hello"`.
  private func lines(_ sink: MemorySink) -> [String] {
    sink.events.map { event in
      switch event.payload {
      case .file(let change):
        var words = [change.change.rawValue, change.kind.rawValue, change.path.displayText]
        if let mode = change.mode, change.change != .removed { words.append(String(mode, radix: 8)) }
        if let target = change.linkTarget { words.append("-> \(target.displayText)") }
        if let content = change.content, let bytes = sink.blobs[content.sha256] {
          words.append("\"\(String(decoding: bytes, as: UTF8.self))\"")
        } else if let size = change.size, change.change != .removed {
          words.append("\(size) bytes")
        }
        return words.joined(separator: " ")
      case .gap(let gap): return "gap \(gap.detail)"
      default: return "?"
      }
    }
  }

  private func shell(_ folder: TemporaryFolder, _ script: String) {
    #expect(run(["sh", "-ec", "umask 022; cd \(folder.path); " + script]) == 0)
  }

  @Test func changesAgainstASkeletonAreFound() throws {
    let folder = try TemporaryFolder()
    shell(
      folder,
      "mkdir .config; echo -n a > .bashrc; echo -n same > .profile; echo x > gone; mkdir old; echo y > old/z; ln -s a l; echo q > kind"
    )
    let before = try FolderSnapshot(of: folder.path)
    shell(
      folder,
      """
      echo -n b > .bashrc; touch -d 2001-01-01 .profile; rm -r gone old; mkdir -p .config/app; echo -n hi > .config/app/f
      ln -sf b l; mkfifo pipe; chmod 600 .config/app/f; rm kind; mkdir kind; ln -s / root
      """)
    let sink = MemorySink()
    FileChangeRecorder(sink: sink).record(.home, folder: folder.path, before: before)
    #expect(
      lines(sink) == [
        #"modified file .bashrc 644 "b""#, "created directory .config/app 755", #"created file .config/app/f 600 "hi""#,
        "removed file kind", "created directory kind 755", "modified link l 777 -> b", "created fifo pipe 644",
        "created link root 777 -> /", "removed file gone", "removed directory old", "removed file old/z",
      ])
  }

  @Test func nothingChangedIsNothingRecorded() throws {
    let folder = try TemporaryFolder()
    shell(folder, "mkdir a; echo x > a/b; ln -s /etc/passwd p; mkfifo f")
    let sink = MemorySink()
    FileChangeRecorder(sink: sink).record(.tmp, folder: folder.path, before: try FolderSnapshot(of: folder.path))
    #expect(sink.events.isEmpty)
  }

  @Test func aSkeletonCanBeStatedWithoutAFolder() throws {
    let folder = try TemporaryFolder()
    shell(folder, "mkdir d; echo -n x > d/f; ln -s t l")
    let before = FolderSnapshot([
      "d": .directory, "d/f": .file(Array("x".utf8)), "l": .link(to: "t"), "m": .file(Array("x".utf8)),
    ])
    let sink = MemorySink()
    FileChangeRecorder(sink: sink).record(.home, folder: folder.path, before: before)
    #expect(lines(sink) == ["removed file m"])
  }

  /// Links are described, and neither followed nor opened; names and targets are bytes.
  @Test func hostileFoldersAreHarmless() throws {
    let folder = try TemporaryFolder()
    shell(
      folder,
      """
      ln -s /etc etc; ln -s self self; mkfifo wait; : > "$(printf 'new\\nline')"; : > "$(printf '\\377')"; : > ' -rf'
      mkdir deep; cd deep; for i in 1 2 3 4 5; do mkdir d; cd d; done; echo > bottom
      """)
    var limits = FileChangeRecorder.Limits()
    limits.depth = 4
    let sink = MemorySink()
    FileChangeRecorder(sink: sink, limits: limits).record(.tmp, folder: folder.path)
    let names = sink.events.compactMap { event -> [UInt8]? in
      if case .file(let change) = event.payload { change.path.bytes } else { nil }
    }
    #expect(names.contains([0xff]))
    #expect(names.contains(Array("new\nline".utf8)))
    #expect(names.contains(Array(" -rf".utf8)))
    #expect(lines(sink).contains("created link etc 777 -> /etc"))
    #expect(!names.contains { $0.starts(with: Array("etc/".utf8)) })
    #expect(lines(sink).contains("gap tmp/deep/d/d/d/d: folders are nested more than 4 deep"))
  }

  @Test func sizesDecideWhatIsKept() throws {
    let folder = try TemporaryFolder()
    folder.write("small", "abc")
    folder.write("large", "abcdef")
    folder.write("huge", "abcdefghijkl")
    var limits = FileChangeRecorder.Limits()
    limits.kept = 3
    limits.hashed = 6
    let sink = MemorySink()
    FileChangeRecorder(sink: sink, limits: limits).record(.tmp, folder: folder.path)
    let changes = sink.events.compactMap { event -> FileChange? in
      if case .file(let change) = event.payload { change } else { nil }
    }
    #expect(changes.map(\.path.displayText) == ["huge", "large", "small"])
    #expect(changes.map { $0.sha256 != nil } == [false, true, true])
    #expect(changes.map { $0.content != nil } == [false, false, true])
    #expect(changes.map(\.size) == [12, 6, 3])
    #expect(lines(sink).contains("gap tmp/huge: a file of 12 bytes is too large to be read"))
  }

  @Test func tooManyChangesAreAGap() throws {
    let folder = try TemporaryFolder()
    for index in 0..<10 { folder.write("\(index)", "") }
    var limits = FileChangeRecorder.Limits()
    limits.changes = 4
    let sink = MemorySink()
    FileChangeRecorder(sink: sink, limits: limits).record(.tmp, folder: folder.path)
    #expect(sink.events.count == 5)
    #expect(sink.events.last?.payload == .gap(Gap(kind: .files, detail: "tmp: more than 4 changes", count: 6)))
  }

  @Test func aFolderThatIsNotThereIsAGap() {
    let sink = MemorySink()
    FileChangeRecorder(sink: sink).record(.tmp, folder: "/no/such/folder")
    #expect(
      lines(sink) == ["gap tmp: cannot open the folder /no/such/folder: No such file or directory (ENOENT)"])
  }

  /// As an unprivileged user mounts it.
  @Test func overlayLayersAreCompared() throws { try compareLayers(option: "userxattr", asRoot: false) }

  /// With the kernel's own attributes.
  @Test(.enabled(if: geteuid() == 0, "needs root, to mount an overlay with trusted attributes"))
  func overlayLayersOfRootAreCompared() throws { try compareLayers(option: "redirect_dir=off", asRoot: true) }

  private func compareLayers(option: String, asRoot: Bool) throws {
    let folder = try TemporaryFolder()
    shell(
      folder,
      """
      mkdir -p lower/sub lower/hidden/in lower/tree upper work merged
      echo -n one > lower/sub/a; echo -n two > lower/b; echo -n c > lower/touched; echo h > lower/hidden/in/x
      echo k > lower/hidden/kept; echo t > lower/tree/t; echo e > lower/becomes
      """)
    let options = "lowerdir=\(folder.path)/lower,upperdir=\(folder.path)/upper,workdir=\(folder.path)/work,\(option)"
    let status = recorder_run_on_overlay(
      folder.path + "/merged", options,
      """
      umask 022
      echo -n changed > sub/a; rm b; : >> touched; rm -r hidden; mkdir hidden; echo k > hidden/kept
      echo -n new > sub/n; rm -r tree; rm becomes; mkdir becomes; echo -n i > becomes/i; : > fleeting; rm fleeting
      """, asRoot ? 1 : 0)
    try #require(status == 0, "the overlay could not be mounted here: status \(status >> 8)")
    let sink = MemorySink()
    FileChangeRecorder(sink: sink).record(.workdir, upper: folder.path + "/upper", lower: folder.path + "/lower")
    #expect(
      lines(sink) == [
        "removed file b", "removed file becomes", "created directory becomes 755", #"created file becomes/i 644 "i""#,
        "removed directory hidden/in", "removed file hidden/in/x", #"modified file sub/a 644 "changed""#,
        #"created file sub/n 644 "new""#, "removed directory tree", "removed file tree/t",
      ])
  }
}

@Suite struct ProcessStatusTests {
  @Test func idsAreThoseOfEachNamespace() {
    let status = ProcessStatus(
      StatusFields(
        Array(
          "Name:\tNSpid:\\n\nUmask:\t0022\nTgid:\t77\nPid:\t78\nPPid:\t5\nNStgid:\t77\t2\nNSpid:\t78\t3\nVmPeak: 1\n"
            .utf8)))
    #expect(status.group == 77)
    #expect(status.parent == 5)
    #expect(status.groupIDs == [77, 2])
    #expect(status.threadIDs == [78, 3])
  }
}
