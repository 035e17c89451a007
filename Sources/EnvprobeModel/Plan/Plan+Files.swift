extension Plan {
  /// What of the host's `/etc` is not seen: settings that would leak the host into every run, and folders that may
  /// hold keys. Those that only root can read are closed to the program anyway.
  public static let hiddenInEtc = [
    "gitconfig", "gitignore", "npmrc", "pip.conf", "xdg/pip", "wgetrc", "curlrc", "netrc", "boto.cfg", "environment",
    "environment.d", "profile.d", "mailname", "adjtime", "subuid", "subgid", "passwd-", "group-", "shadow", "shadow-",
    "gshadow", "gshadow-", "sudoers", "sudoers.d", "crypttab", "fstab", "exports", "ssh", "docker", "containers",
    "kubernetes", "rancher", "NetworkManager", "wpa_supplicant", "netplan", "wireguard", "openvpn", "ppp", "cloud",
    "krb5.keytab", "apt/auth.conf", "apt/auth.conf.d", "apt/apt.conf.d", "resolvconf", "motd", "conda",
  ]

  /// Files of the host outside `/etc` that are covered: sockets and credentials of services.
  public static let hiddenElsewhere = [
    "/var/lib/docker", "/var/lib/containerd", "/var/lib/kubelet", "/var/lib/cloud", "/var/lib/NetworkManager",
    "/var/lib/snapd", "/var/lib/mysql", "/var/lib/postgresql", "/var/lib/jenkins", "/var/lib/gdm3",
    "/var/lib/AccountsService", "/var/lib/systemd/coredump", "/var/lib/sudo",
  ]

  static func etcFiles(assignment: Assignment, account: Account) -> [PlannedFile] {
    let timezone = assignment.timezone ?? Default.timezone
    let hostname = assignment.hostname ?? Default.hostname
    let resolver = assignment.resolver ?? Default.resolver
    let identity = assignment.identity ?? Default.identity
    return [
      .init("localtime", .link("/usr/share/zoneinfo/" + timezone)),
      .init("timezone", .text(timezone + "\n")),
      .init("hostname", .text(hostname + "\n")),
      .init("hosts", .text(hosts(hostname: hostname))),
      .init("resolv.conf", .text(resolverConfiguration(resolver))),
      .init("passwd", .text(passwd(account))),
      .init("group", .text(group(account))),
      .init("machine-id", .text(machineID(of: identity) + "\n")),
    ]
  }

  static func commonEtcFiles(host: HostFacts, authority: TrustedAuthority?) -> [PlannedFile] {
    var files = host.hiddenInEtc.map { PlannedFile($0, .absent) }
    files.append(.init("nsswitch.conf", .text(nameServiceSwitch)))
    guard let authority else { return files }
    files.append(
      .init("ssl/certs/ca-certificates.crt", .appended(host: host.certificateBundle, text: authority.pem)))
    files.append(.init("ssl/certs/\(authority.subjectHash).0", .text(authority.pem)))
    // Where Fedora's and Alpine's libraries look.
    for path in ["pki/tls/certs/ca-bundle.crt", "ssl/cert.pem"] {
      files.append(.init(path, .link(FixedVariable.certificateBundle)))
    }
    if !host.javaKeystores.isEmpty {
      files.append(.init(Self.javaKeystore, .keystore(host: host.certificateBundle, text: authority.pem)))
    }
    // Chromium has a store of its own for what is not in the system's, and reads policies instead.
    let base64 = authority.pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
    for folder in ["chromium", "opt/chrome"] {
      files.append(
        .init("\(folder)/policies/managed/certificates.json", .text("{\"CACertificates\": [\"\(base64)\"]}\n")))
    }
    return files
  }

  /// Where Java's certificates are inside, in `/etc`.
  static let javaKeystore = "ssl/certs/java/cacerts"

  static func homeFiles(assignment: Assignment) -> [PlannedFile] {
    let identity = assignment.identity ?? Default.identity
    var files = [
      PlannedFile(
        ".gitconfig",
        .text("[user]\n\tname = \(gitValue(identity.name))\n\temail = \(gitValue(identity.email))\n"))
    ]
    for mirror in Mirror.all {
      guard let url = assignment.mirrors?[mirror.name], let file = mirror.file else { continue }
      let host = WebAddress(url)?.host ?? url
      let text = file.template.replacing("{url}", with: url).replacing("{host}", with: host)
      files.append(.init(file.path, .text(text)))
    }
    return files
  }

  private static func hosts(hostname: String) -> String {
    let short = String(hostname.prefix { $0 != "." })
    let names = short == hostname ? hostname : "\(hostname) \(short)"
    return """
      127.0.0.1\tlocalhost
      127.0.1.1\t\(names)

      ::1     localhost ip6-localhost ip6-loopback
      ff02::1 ip6-allnodes
      ff02::2 ip6-allrouters

      """
  }

  private static func resolverConfiguration(_ resolver: ResolverSetting) -> String {
    let search = resolver.search.isEmpty ? "" : "search \(resolver.search.joined(separator: " "))\n"
    return search + resolver.nameservers.map { "nameserver \($0)\n" }.joined()
  }

  private static func passwd(_ account: Account) -> String {
    """
    root:x:0:0:root:/root:/bin/bash
    daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
    bin:x:2:2:bin:/bin:/usr/sbin/nologin
    sys:x:3:3:sys:/dev:/usr/sbin/nologin
    mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
    www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
    nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
    \(account.user):x:\(account.uid):\(account.gid):\(passwdComment(account.fullName)),,,:\(account.home):\(account.shell)

    """
  }

  /// A comment without what would end the field or the line.
  private static func passwdComment(_ name: String) -> String {
    String(name.map { ":,\n".contains($0) ? " " : $0 })
  }

  private static func group(_ account: Account) -> String {
    """
    root:x:0:
    daemon:x:1:
    bin:x:2:
    sys:x:3:
    adm:x:4:
    tty:x:5:
    disk:x:6:
    mail:x:8:
    www-data:x:33:
    users:x:100:
    nogroup:x:65534:
    \(account.user):x:\(account.gid):

    """
  }

  private static let nameServiceSwitch = """
    passwd:         files
    group:          files
    shadow:         files

    hosts:          files dns
    networks:       files

    protocols:      files
    services:       files
    ethers:         files
    rpc:            files

    """

  /// 32 hex digits that follow from the identity: two people have two machines, one person always the same.
  static func machineID(of identity: IdentitySetting) -> String {
    let text = "\(identity.user)\u{0}\(identity.name)\u{0}\(identity.email)"
    return (UInt64(0)..<2).map { half in
      // FNV-1a, and the finaliser of MurmurHash3, as FNV leaves the high bits of short texts much alike.
      var hash = 0xcbf2_9ce4_8422_2325 ^ half
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
      hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
      hash ^= hash >> 33
      let digits = String(hash, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// A value of git's configuration, in quotes where it needs them.
  static func gitValue(_ text: String) -> String {
    let needsQuotes = text.contains { "#;\"\\\n\t".contains($0) } || text.hasPrefix(" ") || text.hasSuffix(" ")
    guard needsQuotes else { return text }
    let escaped = text.map { character in
      switch character {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\t": "\\t"
      default: String(character)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
