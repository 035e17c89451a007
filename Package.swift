// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let strictC: [CSetting] = [
  .define("_GNU_SOURCE"),
  .unsafeFlags(["-std=gnu17", "-Wall", "-Wextra", "-Werror"]),
]

let package = Package(
  name: "envprobe",
  products: [
    .executable(name: "envprobe", targets: ["envprobe"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
  ],
  targets: [
    .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlidec", providers: [.apt(["libbrotli-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

    .target(name: "CEnvprobeSandbox", cSettings: strictC),
    .target(name: "CEnvprobeDoctor", cSettings: strictC),
    .target(name: "CEnvprobeRecorder", cSettings: strictC),
    .target(name: "CEnvprobeTracer", cSettings: strictC),

    .target(
      name: "EnvprobeModel",
      dependencies: [
        .product(name: "Yams", package: "Yams")
      ],
      swiftSettings: strict),
    .target(
      name: "EnvprobeSandbox",
      dependencies: [
        "EnvprobeModel", "CEnvprobeSandbox", "CEnvprobeDoctor", "CSeccomp",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "EnvprobeRecorder",
      dependencies: [
        "EnvprobeModel", "CEnvprobeRecorder", "CEnvprobeTracer", "CSeccomp",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "EnvprobeWire",
      dependencies: [
        "EnvprobeModel", "CBrotli", "CZlib", "CZstd",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOSOCKS", package: "swift-nio-extras"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(
      name: "EnvprobeCompare",
      dependencies: [
        "EnvprobeModel",
        .product(name: "Collections", package: "swift-collections"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "EnvprobeMatrix",
      dependencies: [
        "EnvprobeModel", "EnvprobeSandbox", "EnvprobeRecorder", "EnvprobeWire", "EnvprobeCompare", "CZlib",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "EnvprobeReport",
      dependencies: [
        "EnvprobeModel", "CZlib",
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      resources: [.embedInCode("Schemas"), .embedInCode("HTML/Assets")],
      swiftSettings: strict),
    .executableTarget(
      name: "envprobe",
      dependencies: [
        "EnvprobeModel", "EnvprobeSandbox", "EnvprobeRecorder", "EnvprobeWire", "EnvprobeMatrix",
        "EnvprobeCompare", "EnvprobeReport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EnvprobeModelTests", dependencies: ["EnvprobeModel"], path: "Tests/EnvprobeModelTests",
      swiftSettings: strict),
    .executableTarget(
      name: "sandbox-trial", dependencies: ["EnvprobeModel", "EnvprobeSandbox", "CSeccomp"],
      path: "Tests/SandboxTrial", swiftSettings: strict),
    .testTarget(
      name: "EnvprobeSandboxTests",
      dependencies: [
        "EnvprobeModel", "EnvprobeSandbox", "EnvprobeTestSupport", "CSeccomp", "sandbox-trial",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/EnvprobeSandboxTests", swiftSettings: strict),
    .testTarget(
      name: "EnvprobeMatrixTests",
      dependencies: ["EnvprobeMatrix", "EnvprobeModel", "EnvprobeCompare", "EnvprobeRecorder"],
      swiftSettings: strict),
    .testTarget(
      name: "EnvprobeCompareTests",
      dependencies: [
        "EnvprobeCompare", "EnvprobeMatrix", "EnvprobeModel", .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Tests/EnvprobeCompareTests", swiftSettings: strict),
    .testTarget(
      name: "EnvprobeReportTests", dependencies: ["EnvprobeReport", "EnvprobeModel", "EnvprobeTestSupport"],
      path: "Tests/EnvprobeReportTests", exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "EnvprobeReportFormatsTests",
      dependencies: ["EnvprobeReport", "EnvprobeModel", .product(name: "Crypto", package: "swift-crypto")],
      path: "Tests/EnvprobeReportFormatsTests", exclude: ["Golden", "Browser", "Schemas", "Archive"],
      swiftSettings: strict),
    .target(
      name: "CRecorderTestSupport", dependencies: ["CEnvprobeRecorder"], path: "Tests/CRecorderTestSupport",
      cSettings: strictC),
    .testTarget(
      name: "EnvprobeRecorderTests",
      dependencies: ["EnvprobeRecorder", "EnvprobeModel", "CRecorderTestSupport", "CSeccomp"],
      path: "Tests/EnvprobeRecorderTests", exclude: ["Probe"], swiftSettings: strict),
    .target(
      name: "CEnvironmentReadsTestSupport", path: "Tests/EnvprobeEnvironmentReadsTests/Support", cSettings: strictC),
    .testTarget(
      name: "EnvprobeEnvironmentReadsTests",
      dependencies: [
        "EnvprobeRecorder", "EnvprobeModel", "CEnvprobeRecorder", "CEnvironmentReadsTestSupport", "EnvprobeTestSupport",
      ],
      path: "Tests/EnvprobeEnvironmentReadsTests", exclude: ["Support"], swiftSettings: strict),
    .testTarget(
      name: "EnvprobeClockTests",
      dependencies: ["EnvprobeRecorder", "EnvprobeModel", "CEnvprobeTracer", "CEnvironmentReadsTestSupport"],
      path: "Tests/EnvprobeClockTests", exclude: ["Probes"], swiftSettings: strict),
    .testTarget(
      name: "EnvprobeCommandTests", dependencies: ["envprobe"], path: "Tests/EnvprobeCommandTests",
      exclude: ["Terminal"], swiftSettings: strict),
    .testTarget(
      name: "EnvprobeWireTests",
      dependencies: [
        "EnvprobeModel", "EnvprobeWire", "EnvprobeTestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Tests/EnvprobeWireTests", swiftSettings: strict),
    .target(
      name: "EnvprobeTestSupport", dependencies: ["EnvprobeModel", "EnvprobeReport"],
      path: "Tests/EnvprobeTestSupport", exclude: ["Probes"], swiftSettings: strict),
    .testTarget(
      name: "EnvprobeIntegrationTests",
      dependencies: ["envprobe", "EnvprobeTestSupport", "EnvprobeModel", "EnvprobeRecorder", "EnvprobeReport"],
      path: "Tests/EnvprobeIntegrationTests", exclude: ["Probe"], swiftSettings: strict),
    .testTarget(
      name: "EnvprobeAcceptanceTests", dependencies: ["envprobe", "EnvprobeTestSupport", "EnvprobeModel"],
      path: "Tests/EnvprobeAcceptanceTests", swiftSettings: strict),
  ]
)
