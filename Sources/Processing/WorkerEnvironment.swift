import Glibc

/// The environment variables that a worker is given: those that its libraries read, and none that
/// may hold a key.
enum WorkerEnvironment {
  /// Where programs and libraries lie, what language and time zone hold, where short-lived files go,
  /// where the engine's networks and what runs others are looked for, and how a sanitizer or a profiler that the program is
  /// built with is set.
  private static let names: Set<String> = [
    "PATH", "LD_LIBRARY_PATH", "HOME", "XDG_DATA_HOME", "SWAPLINE_MODELS",
    "SWAPLINE_ONNXRUNTIME", "TMPDIR", "TZ", "LANG",
    "LANGUAGE", "ASAN_OPTIONS",
    "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE", "SWIFT_BACKTRACE",
  ]
  /// The locale's parts; glibc's allocator; libvips, its GLib, and the libraries of OpenCV.
  private static let prefixes = [
    "LC_", "MALLOC_", "GLIBC_TUNABLES", "VIPS_", "G_", "OMP_", "OPENBLAS_", "OPENCV_",
  ]

  /// How the child's allocator works: pictures come and go by the megabyte, so freed memory is used
  /// again, and the kernel need not clear new pages for each.
  private static let allocator = [
    "MALLOC_MMAP_THRESHOLD_=67108864", "MALLOC_TRIM_THRESHOLD_=134217728",
    "MALLOC_TOP_PAD_=8388608",
  ]

  /// Where libvips looks for modules as it starts: nowhere. All of them with their libraries would double a worker's
  /// start; the one that a file needs is loaded then.
  private static let modules = ["VIPSHOME=/dev/null"]

  /// What of `entries`, each `NAME=VALUE`, a worker is given, and how its allocator works unless
  /// somebody has set that from outside.
  static func entries(of entries: [String]) -> [String] {
    let kept = entries.filter { entry in
      let name = String(entry.prefix { $0 != "=" })
      return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
    return kept + modules + (kept.contains { $0.hasPrefix("MALLOC_") } ? [] : allocator)
  }

  /// This process's own variables.
  static var own: [String] {
    var entries: [String] = []
    var entry = environ
    while let text = entry.pointee {
      entries.append(String(cString: text))
      entry += 1
    }
    return entries
  }
}
