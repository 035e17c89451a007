import EnvprobeModel
import SystemPackage
import Testing

@testable import EnvprobeSandbox

@Suite struct SandboxLayoutTests {
  func layout(
    _ outer: OuterIdentity = .caller(user: 501, group: 502), host change: (inout HostFacts) -> Void = { _ in },
    settings: PlanSettings = PlanSettings(), exposures: [Plan.Exposure] = []
  ) throws -> SandboxLayout {
    var host = HostFacts(
      searchPath: "/usr/bin", workDirectory: "/srv/project", homes: ["/home/ann", "/root"],
      root: [.link("bin", target: "usr/bin"), .folder("srv"), .folder("usr")], variable: [.folder("lib")],
      hiddenInEtc: ["ssh"], certificateBundle: nil, machineIDFiles: [], shell: "/bin/sh")
    change(&host)
    let plan = Plan(
      arguments: ["true"], command: .init(path: "/usr/bin/true", file: "/usr/bin/true", exposures: exposures),
      assignment: Assignment(), host: host, zone: .utc, settings: settings)
    return SandboxLayout(
      plan: plan, stage: Stage(path: "/tmp/run-x"), localeLayers: [], outer: outer, output: 7, errorOutput: 9,
      policy: SeccompPolicy(program: [], listens: true, passesFutex: true), bootSeconds: 1000, monotonicSeconds: 900)
  }

  /// The operations in short, without those on files of `/etc` and on devices.
  func outline(_ operations: [SetupOperation]) -> [String] {
    operations.compactMap { operation in
      switch operation {
      case .folder(let path, _), .file(let path, _), .whiteout(let path), .link(let path, _):
        path.contains("/proc/etc") || path.contains("/dev") ? nil : "make \(path)"
      case .bind(let source, let path): path.contains("/dev") ? nil : "bind \(source) \(path)"
      case .attach(let source, let descriptor, let path): "attach \(source) \(descriptor) \(path)"
      case .mount(let fileSystem, let path, let flags, let options):
        "mount \(fileSystem) \(path) \(flags.contains(.readOnly) ? "ro" : "rw") \(options)"
      case .setAttributes(let path, _, let recursive): "read-only \(path)\(recursive ? " and below" : "")"
      case .optional(let inner): "perhaps " + (outline([inner]).first ?? "")
      case .write(let path, let text): "write \(path) \(text.filter { $0 != "\n" })"
      case .network(let batch): "network \(batch.count)"
      case .filter(let policy): "filter \(policy.listens)"
      default: "\(operation)"
      }
    }
  }

  @Test func anOrdinaryUsersSetup() throws {
    #expect(
      outline(try layout().setupOperations()) == [
        "write /proc/self/setgroups deny", "write /proc/self/gid_map 1000 502 1",
        "write /proc/self/uid_map 1000 501 1", "makePrivate", "unshareClocks",
        "mount tmpfs /sys rw mode=0755",
        "make /sys/etc", "make /sys/var", "make /sys/home",
        "make /sys/root", "make /sys/tmp", "make /sys/run",
        "make /sys/proc", "make /sys/sys", "make /sys/home/coder",
        "make /sys/var/tmp", "make /sys/bin",
        "make /sys/srv", "bind /srv /sys/srv",
        "make /sys/usr", "bind /usr /sys/usr",
        "make /sys/var/lib", "bind /var/lib /sys/var/lib",
        "mount overlay /sys/etc ro userxattr,lowerdir=/sys/proc/etc:/etc",
        "read-only /sys and below",
        "mount proc /sys/proc rw ", "perhaps mount sysfs /sys/sys ro ",
        "mount devpts /sys/dev/pts rw newinstance,ptmxmode=0666,mode=0620",
        "mount tmpfs /sys/dev/shm rw mode=1777",
        "bind /tmp/run-x/tmp /sys/tmp", "bind /tmp/run-x/home /sys/home/coder",
        "mount overlay /sys/srv/project rw "
          + "userxattr,lowerdir=/srv/project,upperdir=/tmp/run-x/work,workdir=/tmp/run-x/state",
        "changeRoot(path: \"/sys\")", "hostname(\"dev17.corp.example.com\")", "network 5", "disguise",
      ])
  }

  @Test func rootsSetupDiffersInWhoMapsAndWhatTheParentBrings() throws {
    var layout = try layout(.stranger(user: 65533, group: 65533), exposures: [.file("/root/bin/tool")])
    layout.detached = ["/root/bin/tool": 11]
    layout.workMount = 12
    let outline = outline(layout.setupOperations())
    #expect(outline.prefix(2) == ["awaitParent", "become(user: 1000, group: 1000, clearsGroups: true)"])
    #expect(outline.contains("attach /root/bin/tool 11 /sys/root/bin/tool"))
    #expect(outline.contains("attach /srv/project 12 /tmp/run-x/home"))
    #expect(
      outline.contains {
        $0.hasPrefix("mount overlay /sys/srv/project rw userxattr,lowerdir=/tmp/run-x/home,")
      })
    #expect(layout.keptDescriptors.sorted() == [7, 9, 11, 12])
  }

  @Test func theProgramsOwnSteps() throws {
    #expect(
      outline(try layout().programOperations()) == [
        "newSession", "open(path: \"/dev/null\", to: 0)", "duplicate(7, to: 1)", "duplicate(9, to: 2)",
        "changeFolder(path: \"/srv/project\")", "umask(18)", "noCoreDumps", "resetSignals", "dropCapabilities",
        "noNewPrivileges", "expose", "filter true", "execute(path: \"/usr/bin/true\")",
      ])
    let terminal = try layout(settings: .init(streams: .terminal(columns: 80, rows: 24)))
    #expect(outline(terminal.programOperations()).first == "takeTerminal", "its session is process 1's")
    #expect(terminal.keptDescriptors == [])
    let input = try layout(settings: .init(streams: .pipes(inheritsInput: true)))
    #expect(outline(input.programOperations())[1] == "duplicate(0, to: 0)")
  }

  /// Until the root is changed, whatever is made or mounted lies below the new root or in the stage.
  @Test func nothingOfTheHostIsChanged() throws {
    let layout = try layout(
      host: { $0.workDirectory = "/home/ann/code/x" },
      exposures: [.folder("/home/ann/.tool"), .link(.init(path: "/tmp/t/link", target: "x")), .file("/tmp/t/file")])
    for operation in layout.setupOperations() {
      switch operation {
      case .folder(let path, _), .file(let path, _), .whiteout(let path), .link(let path, _), .bind(_, let path),
        .mount(_, let path, _, _), .attach(_, _, let path), .setAttributes(let path, _, _):
        #expect(path == "/sys" || path.hasPrefix("/sys/"), "\(path)")
        // Mount points in folders of the host must be there.
        if case .folder = operation { #expect(!path.hasPrefix("/sys/srv/")) }
      default: break
      }
    }
  }

  @Test func whatLiesInOwnFoldersIsMadeAfterThem() throws {
    let layout = try layout(host: { $0.workDirectory = "/tmp/work" }, exposures: [.file("/tmp/t/file")])
    let outline = outline(layout.setupOperations())
    let own = try #require(outline.firstIndex(of: "bind /tmp/run-x/tmp /sys/tmp"))
    for step in [
      "make /sys/tmp/t", "bind /tmp/t/file /sys/tmp/t/file",
      "read-only /sys/tmp/t/file and below", "make /sys/tmp/work",
    ] {
      #expect(try #require(outline.firstIndex(of: step)) > own, "\(step)")
    }
  }

  @Test func pathsAreEscapedForOverlays() {
    #expect(SandboxLayout.escape("/a,b:c\\d e") == "/a\\,b\\:c\\\\d e")
  }

  @Test func clocksAreMovedToThePlannedUptime() throws {
    let layout = try layout(settings: .init(uptime: 7200))
    #expect(
      layout.setupOperations().contains(
        .write(path: "/proc/self/timens_offsets", text: "monotonic 6300 0\nboottime 6200 0\n")))
  }

  @Test func networkRequestsAreWellFormed() throws {
    let batch = try layout().networkBatch()
    var types: [UInt16] = []
    var rest = batch.bytes[...]
    while !rest.isEmpty {
      let length = rest.prefix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
      try #require(length >= 16 && length <= rest.count && length % 4 == 0)
      let head = Array(rest.prefix(16))
      types.append(UInt16(head[4]) | UInt16(head[5]) << 8)
      #expect(head[6] & 5 == 5, "a request that asks for an acknowledgement")
      rest = rest.dropFirst(length)
    }
    // RTM_NEWLINK, and RTM_NEWADDR with RTM_NEWROUTE for either family.
    #expect(types == [16, 20, 24, 20, 24] && batch.count == 5)
    #expect(addressBytes("10.0.2.15") == [10, 0, 2, 15])
    #expect(addressBytes("fd00::10.0.2.15")?.suffix(4) == [10, 0, 2, 15])
    #expect(addressBytes("nowhere") == nil)
  }
}
