// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

func module(_ name: String, _ dependencies: [String] = []) -> Target {
  .target(
    name: name, dependencies: dependencies.map { .byName(name: $0) }, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [String]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies.map { .byName(name: $0) }, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [String]) -> Target {
  .testTarget(
    name: name, dependencies: (dependencies + ["TestSupport"]).map { .byName(name: $0) },
    swiftSettings: strict)
}

/// A C library from Debian's packages: a module map and a header of static inline functions.
func system(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
  name: "swapline",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Swapline", targets: ["Swapline"]),
    .library(name: "SwaplineInProcess", targets: ["InProcess"]),
    .library(name: "SwaplineTesting", targets: ["SwaplineTesting"]),
    .executable(name: "swapline", targets: ["Command"]),
    .executable(name: "swapline-media", targets: ["MediaWorker"]),
  ],
  targets: [
    // C, as Debian ships it.
    system("CVips", "vips", "libvips-dev"),
    system("CAV", "libavformat libavcodec libavutil libswscale libswresample", "libavformat-dev"),
    system("CGIF", "libgif", "libgif-dev"),
    system("CWebP", "libwebp libwebpmux libwebpdemux", "libwebp-dev"),
    system("CZimg", "zimg", "libzimg-dev"),
    system("CTurboJPEG", "libturbojpeg", "libturbojpeg0-dev"),
    system("CDeflate", "libdeflate", "libdeflate-dev"),
    system("CCurl", "libcurl libidn2", "libcurl4-openssl-dev"),
    system("CMicroHTTPD", "libmicrohttpd", "libmicrohttpd-dev"),
    system("CYAML", "yaml-0.1", "libyaml-dev"),
    system("CSQLite", "sqlite3", "libsqlite3-dev"),
    system("CPostgreSQL", "libpq", "libpq-dev"),
    system("CNettle", "nettle", "nettle-dev"),
    .target(
      name: "CFaces",
      // docs/decisions/opencv-headers.md says why these flags, and why they are no obstacle to dependents.
      cxxSettings: [
        .unsafeFlags(["-isystem", "/usr/include/opencv4"]),
        .unsafeFlags(["-O2"], .when(configuration: .debug)),
      ],
      linkerSettings: [
        .linkedLibrary("opencv_core"), .linkedLibrary("opencv_dnn"),
        .linkedLibrary("opencv_imgproc"),
        .linkedLibrary("m"), .linkedLibrary("stdc++"),
      ]),

    // Loads libraries when they are first called; docs/decisions/late-libraries.md.
    .target(name: "LateBinding"),
    .target(
      name: "LateMedia", dependencies: ["LateBinding"], exclude: ["symbols.inc"],
      cSettings: [.unsafeFlags(["-isystem", "/usr/include/opencv4"])]),
    .target(name: "LateNetwork", dependencies: ["LateBinding"], exclude: ["symbols.inc"]),

    // The only Swift that imports C.
    .target(
      name: "Vips", dependencies: ["Cancelling", "CVips"], swiftSettings: strict,
      linkerSettings: [.linkedLibrary("gmodule-2.0")]),
    module("AV", ["Cancelling", "CAV"]),
    module("GIF", ["CGIF"]),
    module("WebP", ["CWebP"]),
    module("Deflate", ["CDeflate"]),
    module("TurboJPEG", ["CTurboJPEG"]),
    module("Zimg", ["CZimg"]),
    module("Cancelling"),
    module("HTTP"),
    module("Curl", ["CCurl", "HTTP"]),
    module("MicroHTTPD", ["CMicroHTTPD", "HTTP"]),
    module("YAML", ["CYAML"]),
    module("SQLite", ["CSQLite"]),
    module("PostgreSQL", ["CPostgreSQL"]),
    module("Nettle", ["CNettle"]),
    module("Faces", ["CFaces"]),

    // Values without I/O.
    module("Core", ["Cancelling", "HTTP", "Nettle"]),

    // What files carry beside their pixels, without decoding.
    module("Containers", ["Core"]),

    // A run's files and folders, and the record of what was paid.
    module("Files", ["Core"]),
    module("Ledgers", ["Core", "Files", "PostgreSQL", "SQLite"]),

    // Media work as a value in and a value out, the workers that run it.
    .target(
      name: "Processing", dependencies: ["Core", "Files"],
      resources: [.embedInCode("Networks/networks.txt")], swiftSettings: strict),
    module(
      "Imaging",
      [
        "Containers", "Core", "Deflate", "GIF", "Processing", "TurboJPEG", "Vips", "WebP", "Zimg",
      ]),

    // Stages in a line: composed, read, planned. Then run, remembered and reported.
    module("Pipelines", ["Core", "Files", "Ledgers", "Processing", "YAML"]),
    .target(
      name: "Runs",
      dependencies: ["Core", "Files", "Ledgers", "Pipelines", "Processing", "SQLite"],
      resources: [
        .embedInCode("Reports/report.html"), .embedInCode("Reports/report.css"),
        .embedInCode("Reports/report.js"),
      ], swiftSettings: strict),

    // Places that put a file at a URL, the shops' pipeline files, the local swap.
    module(
      "Hosting", ["Core", "Curl", "Files", "HTTP", "Ledgers", "MicroHTTPD", "Nettle", "Processing"]),
    .target(
      name: "Presets", exclude: ["schema.json"], resources: [.embedInCode("files")],
      swiftSettings: strict),
    module("FaceSwap", ["Core", "Faces", "Imaging", "Processing", "Vips"]),

    // Animations and videos.
    module(
      "Motion", ["AV", "Core", "Deflate", "Files", "Imaging", "Processing", "Vips", "WebP", "Zimg"]),

    // The server of wire formats, the vendors (client and façade), one file a stage.
    .target(
      name: "Serving",
      dependencies: [
        "Core", "Curl", "Files", "Hosting", "Ledgers", "MicroHTTPD", "PostgreSQL", "Processing",
        "SQLite",
      ],
      resources: [
        .embedInCode("Page/index.html"), .embedInCode("Page/page.css"),
        .embedInCode("Page/page.js"), .embedInCode("Page/sample-scene.jpg"),
        .embedInCode("Page/sample-face.jpg"),
      ], swiftSettings: strict),
    module(
      "Providers",
      ["Core", "Curl", "Hosting", "MicroHTTPD", "Pipelines", "Processing", "Serving"]),
    module(
      "Stages",
      ["Core", "Curl", "Files", "Hosting", "Ledgers", "Pipelines", "Processing", "Providers"]),

    // The library's face, and the media work inside the caller's own process.
    module(
      "Swapline",
      [
        "Core", "Curl", "Files", "HTTP", "Hosting", "Ledgers", "MicroHTTPD", "Pipelines",
        "Processing", "Providers", "Runs", "Serving", "Stages",
      ]),
    module(
      "InProcess",
      ["Containers", "Core", "FaceSwap", "Imaging", "Motion", "Processing", "Vips"]),

    // Fake media work, provider and host, for tests of pipelines.
    module(
      "SwaplineTesting",
      [
        "Core", "Files", "Hosting", "Pipelines", "Processing", "Providers", "Runs", "Stages",
        "Swapline",
      ]),

    // The command, and the worker that it starts for media work.
    module(
      "CLI",
      [
        "Containers", "Core", "Files", "HTTP", "Ledgers", "Pipelines", "Presets", "Processing",
        "Providers", "Runs", "Serving", "Stages", "Swapline",
      ]),
    program("Command", ["CLI", "LateNetwork"]),
    program("MediaWorker", ["InProcess", "LateMedia", "Processing"]),
    .executableTarget(
      name: "BatchBenchmark",
      dependencies: [
        "Core", "Curl", "Files", "Ledgers", "Pipelines", "Processing", "Providers", "Runs",
        "Serving",
        "Stages", "Swapline",
      ],
      path: "Benchmarks/Batch", swiftSettings: strict),
    .executableTarget(
      name: "UploadBenchmark", dependencies: ["Core", "Curl", "Files", "Hosting"],
      path: "Benchmarks/Uploads", swiftSettings: strict),
    .executableTarget(
      name: "FrameDump", dependencies: ["Core", "Files", "Pipelines", "Processing"],
      path: "Tools/FrameDump", swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Core"], path: "Tests/TestSupport", swiftSettings: strict),
    tests("SQLiteTests", ["SQLite"]),
    tests(
      "ServingTests",
      [
        "Core", "Curl", "Hosting", "MicroHTTPD", "PostgreSQL", "Processing", "Providers", "SQLite",
        "Serving",
      ]),
    tests("ProvidersTests", ["Core", "Curl", "Hosting", "Processing", "Providers"]),
    tests("CoreTests", ["Core"]),
    tests("ContainersTests", ["Containers", "Core"]),
    tests("YAMLTests", ["YAML"]),
    tests("FilesTests", ["Core", "Files"]),
    tests("LedgersTests", ["Core", "Files", "Ledgers", "PostgreSQL", "SQLite"]),
    tests("PipelinesTests", ["Core", "Files", "Pipelines", "Processing"]),
    tests("RunsTests", ["Core", "Files", "Ledgers", "Pipelines", "Processing", "Runs", "SQLite"]),
    tests(
      "StagesTests",
      [
        "Core", "Curl", "Files", "Hosting", "Ledgers", "Pipelines", "Processing", "Providers",
        "Runs", "Stages",
      ]),
    tests(
      "SwaplineTests",
      [
        "Core", "Curl", "Files", "MicroHTTPD", "Pipelines", "Processing", "Providers", "Runs",
        "Serving", "Stages", "Swapline",
      ]),
    tests("SwaplineTestingTests", ["Swapline", "SwaplineTesting"]),
    tests("CLITests", ["CLI", "Core", "Ledgers", "Pipelines"]),
    tests(
      "EndToEnd",
      [
        "Core", "Curl", "Files", "Ledgers", "MicroHTTPD", "Pipelines", "Presets", "Processing",
        "Runs",
      ]),
    tests("FacesTests", ["Core", "Faces", "Imaging", "Processing"]),
    tests("FaceSwapTests", ["Core", "FaceSwap", "Faces", "Imaging", "Processing"]),
    tests(
      "InProcessTests",
      ["AV", "Cancelling", "Containers", "Core", "Imaging", "InProcess", "Processing"]),
    tests("VipsTests", ["Cancelling", "Vips"]),
    tests("ImagingTests", ["Core", "Deflate", "Imaging", "Processing", "Vips"]),
    tests("AVTests", ["AV", "Cancelling", "Zimg"]),
    tests("GIFTests", ["GIF"]),
    tests("WebPTests", ["WebP"]),
    tests("MotionTests", ["AV", "Core", "Files", "Imaging", "Motion", "Processing", "WebP"]),
    tests("ProcessingTests", ["Core", "InProcess", "Processing"]),
    tests("HTTPTests", ["HTTP"]),
    tests("CurlTests", ["Curl", "MicroHTTPD"]),
    tests("MicroHTTPDTests", ["Curl", "MicroHTTPD"]),
    tests(
      "HostingTests",
      ["Core", "Curl", "Files", "HTTP", "Hosting", "Ledgers", "MicroHTTPD", "Pipelines"]),
  ]
)
