extension AmbientRead {
  /// In the order in which they are shown. A path counts for the first row that covers it; a variable and a call for
  /// every one.
  public static let all: [AmbientRead] = [
    .init(
      "time zone", .timezone, paths: ["/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo/", "/usr/lib/zoneinfo/"],
      variables: ["TZ", "TZDIR"],
      functions: ["Intl.DateTimeFormat.resolvedOptions", "Date.*", "time.*"]),
    .init(
      "locale", .locale,
      paths: [
        "/etc/locale.conf", "/etc/default/locale", "/usr/lib/locale/", "/etc/locale.alias", "/usr/share/i18n/",
      ], variables: ["LANG", "LANGUAGE", "LC_*", "LOCPATH"],
      functions: [
        "Intl.*", "Date.toLocaleString", "Date.toLocaleDateString", "Date.toLocaleTimeString", "locale.*",
      ]),
    .init(
      "host name", .hostname,
      paths: ["/etc/hostname", "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname"],
      variables: ["HOSTNAME", "HOST"], calls: [.init("uname")],
      functions: ["os.hostname", "os.uname", "socket.gethostname", "socket.getfqdn", "platform.node", "platform.uname"]),
    .init(
      "clock", .clock, paths: ["/proc/uptime", "/proc/driver/rtc", "/sys/class/rtc/", "/dev/rtc", "/dev/rtc0"],
      calls: [
        .init("clock_gettime"), .init("clock_gettime64"), .init("gettimeofday"), .init("time"), .init("adjtimex"),
        .init("clock_adjtime"),
      ]),
    .init(
      "resolver", .resolver,
      paths: [
        "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/hosts", "/etc/gai.conf",
        "/run/systemd/resolve/",
      ], variables: ["RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES"]),
    .init(
      "proxy", .proxy,
      variables: ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap { [$0, $0.lowercased()] }),
    .init(
      "network interfaces", .network, paths: ["/proc/net/", "/proc/*/net/", "/sys/class/net/"],
      calls: [.init("ioctl", "SIOCGIF*"), .init("socket", "AF_NETLINK")]),
    .init(
      "machine id",
      paths: [
        "/etc/machine-id", "/var/lib/dbus/machine-id", "/sys/class/dmi/", "/sys/devices/virtual/dmi/",
        "/proc/sys/kernel/random/boot_id", "/etc/hostid", "/sys/hypervisor/",
      ]),
    .init(
      "user", .identity, paths: ["/etc/passwd", "/etc/group", "~/.gitconfig", "~/.config/git/config"],
      variables: ["USER", "LOGNAME", "USERNAME"],
      calls: [.init("getuid"), .init("geteuid"), .init("getresuid"), .init("getgid"), .init("getegid")]),
    .init(
      "processor", paths: ["/proc/cpuinfo", "/sys/devices/system/cpu/"],
      calls: [.init("sched_getaffinity"), .init("getcpu")]),
    .init(
      "memory", paths: ["/proc/meminfo", "/proc/swaps", "/sys/devices/system/node/"], calls: [.init("sysinfo")]),
    .init(
      "operating system",
      paths: [
        "/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release", "/etc/debian_version", "/etc/issue",
        "/proc/version", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/ostype", "/proc/sys/kernel/version",
      ], calls: [.init("uname")]),
    .init(
      "fonts",
      paths: [
        "/etc/fonts/", "/usr/share/fonts/", "/usr/local/share/fonts/", "/usr/share/fontconfig/",
        "/var/cache/fontconfig/",
        "~/.fonts/", "~/.local/share/fonts/", "~/.config/fontconfig/",
      ], variables: ["FONTCONFIG_*"]),
    .init(
      "input methods",
      paths: [
        "/usr/share/ibus/", "/usr/share/fcitx5/", "/usr/share/X11/xkb/", "/usr/share/X11/locale/",
        "/etc/default/keyboard",
        "/etc/X11/xinit/xinputrc", "/usr/lib/*/gtk-2.0/*/immodules/", "/usr/lib/*/gtk-3.0/*/immodules/",
        "/usr/lib/*/gtk-4.0/*/immodules/", "~/.config/ibus/", "~/.config/fcitx/", "~/.config/fcitx5/", "~/.xinputrc",
      ], variables: ["XMODIFIERS", "GTK_IM_MODULE", "QT_IM_MODULE", "SDL_IM_MODULE", "CLUTTER_IM_MODULE"]),
    .init(
      "desktop", variables: ["DISPLAY", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP", "DESKTOP_SESSION", "XDG_SESSION_*"]),
    .init("environment of processes", paths: ["/proc/*/environ"]),
    .init(
      "container",
      paths: [
        "/.dockerenv", "/run/.containerenv", "/run/systemd/container", "/proc/1/cgroup", "/proc/*/cgroup",
        "/proc/*/mountinfo", "/sys/fs/cgroup/",
      ], variables: ["container", "KUBERNETES_*"]),
    .init("first process", paths: ["/proc/1/"]),
  ]

  /// The row that a path counts for.
  public static func row(ofPath path: String, home: String) -> AmbientRead? {
    all.first { $0.covers(path: path, home: home) }
  }
}
