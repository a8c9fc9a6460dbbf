import Glibc

/// Files into which the system writes a crashed process's memory.
public enum CoreDumps {
  /// Keeps this process, and those that it starts, from leaving its memory behind: keys are in it,
  /// and customers' pictures.
  ///
  /// The limit keeps the kernel from writing a file. It does not hold where a program takes the dumps
  /// (core(5), `|` in core_pattern), which is why nothing is marked for dumping either: an empty
  /// `coredump_filter` outlasts fork and execve.
  public static func forbid() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    let filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC)
    guard filter >= 0 else { return }
    write(filter, "0", 1)
    close(filter)
  }
}
