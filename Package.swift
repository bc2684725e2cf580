// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  .treatAllWarnings(as: .error),
]

/// One C library, which exactly one of the targets below imports.
func system(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

func module(_ name: String, _ path: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude,
    swiftSettings: strict)
}

let package = Package(
  name: "fil",
  products: [
    .library(name: "FilClient", targets: ["FilClient"]),
    // The C library: .ci/libfil makes libfil.so.1 of it.
    .library(name: "FilC", type: .dynamic, targets: ["FilC"]),
    .library(name: "FilKiosk", targets: ["FilKiosk"]),
  ],
  targets: [
    system("CCurl", "libcurl", "libcurl4-openssl-dev"),
    // Neither of its two libraries needs a flag, and only one has a pkg-config file.
    .systemLibrary(
      name: "CMark", path: "Sources/CMark",
      providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    system("CMicrohttpd", "libmicrohttpd", "libmicrohttpd-dev"),
    system("CQREncode", "libqrencode", "libqrencode-dev"),
    system("CSQLite", "sqlite3", "libsqlite3-dev"),
    // Its pkg-config file has a flag that SwiftPM refuses with a warning; it needs none.
    .systemLibrary(
      name: "CUTF8Proc", path: "Sources/CUTF8Proc", providers: [.apt(["libutf8proc-dev"])]),
    system("CXML2", "libxml-2.0", "libxml2-dev"),
    system("CZlib", "zlib", "zlib1g-dev"),
    system("CSodium", "libsodium", "libsodium-dev"),

    module("Database", "Sources/Database", ["CSQLite", "Files"]),
    module("Files", "Sources/Files", []),
    module("HTTP", "Sources/HTTP", ["CCurl", "CMicrohttpd"]),
    module("Text", "Sources/Text", ["CMark", "CUTF8Proc", "CXML2"]),

    module("FilProtocol", "Protocol/FilProtocol", ["CZlib", "CSodium"]),

    module("FilSource", "Protocol/FilSource", ["FilProtocol", "Files", "HTTP"]),
    module(
      "FilClient", "Client/FilClient", ["FilSource", "FilProtocol", "Database", "Files", "HTTP"]),

    .target(
      name: "CFil", path: "Client/CFil",
      cSettings: [.treatAllWarnings(as: .error), .enableWarning("all"), .enableWarning("extra")]),
    .target(
      name: "FilC", dependencies: ["CFil", "FilClient", "FilProtocol", "Files"],
      path: "Client/FilC", exclude: ["fil.map", "symbols"], swiftSettings: strict),
    module(
      "FilKiosk", "Client/FilKiosk",
      ["FilClient", "FilProtocol", "HTTP", "Text", "CQREncode"]),

    module("Terminal", "Sources/Terminal", []),
    module(
      "FilServer", "Server/FilServer",
      ["FilSource", "FilProtocol", "Database", "Files", "HTTP", "Text"]),
    .executableTarget(
      name: "fil-server",
      dependencies: ["FilServer", "FilSource", "FilProtocol", "HTTP", "Terminal", "Text"],
      path: "Sources/fil-server", swiftSettings: strict),
    .executableTarget(
      name: "fil",
      dependencies: [
        "FilClient", "FilKiosk", "FilProtocol", "Database", "Files", "HTTP", "Terminal", "Text",
      ], path: "Sources/fil", swiftSettings: strict),

    module(
      "TestSupport", "Tests/TestSupport",
      ["FilClient", "FilSource", "FilProtocol", "Database", "Files", "HTTP"]),
    tests("DatabaseTests", ["Database", "Files"]),
    tests("FilesTests", ["Files"]),
    tests("HTTPTests", ["HTTP"]),
    tests("TextTests", ["Text", "TestSupport"]),
    tests("FilProtocolTests", ["FilProtocol", "TestSupport"]),
    tests(
      "FilClientTests",
      ["FilClient", "FilSource", "FilProtocol", "Database", "Files", "HTTP", "TestSupport"]),
    tests(
      "FilKioskTests",
      [
        "FilKiosk", "FilClient", "FilSource", "FilProtocol", "Database", "Files", "HTTP",
        "TestSupport", "Text",
      ], exclude: ["Golden"]),
    tests(
      "FilServerTests",
      [
        "FilServer", "FilSource", "FilProtocol", "Database", "Files", "HTTP", "Terminal",
        "TestSupport",
      ]),
    tests("TestSupportTests", ["HTTP", "TestSupport"]),
    .executableTarget(
      name: "fil-weaklink", dependencies: ["TestSupport", "Terminal"], path: "Tests/WeakLinkTool",
      swiftSettings: strict),
    .executableTarget(
      name: "fil-crowd",
      dependencies: [
        "TestSupport", "FilClient", "FilSource", "FilProtocol", "Database", "Files", "HTTP",
        "Terminal",
      ], path: "Tests/CrowdTool", swiftSettings: strict),
    // libFuzzer's header; the library itself is linked by -sanitize=fuzzer alone.
    .systemLibrary(name: "CLibFuzzer", path: "Tests/CLibFuzzer"),
    .executableTarget(
      name: "fil-fuzz", dependencies: ["CLibFuzzer", "FilProtocol"], path: "Tests/Fuzzing",
      swiftSettings: strict),
    .executableTarget(
      name: "fil-codecs", dependencies: ["TestSupport", "FilSource", "FilProtocol", "Terminal"],
      path: "Tests/CodecTool", swiftSettings: strict),
    tests(
      "EndToEndTests",
      [
        "fil", "fil-server", "FilClient", "FilSource", "FilProtocol", "Database", "Files", "HTTP",
        "TestSupport",
      ]),
    tests("FilSourceTests", ["FilSource", "FilProtocol", "Files", "HTTP", "TestSupport"]),
  ]
)
