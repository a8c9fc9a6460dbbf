import Glibc

/// How many files and connections this process may have open.
enum OpenFiles {
  /// What a server needs beside its connections: files that are sent, databases, workers.
  private static let others = 256

  /// Raises the limit as far as `connections` need it and the system lets it be raised, and says how
  /// many connections fit.
  static func raise(for connections: Int) -> Int {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return connections }
    let wanted = rlim_t(connections * 2 + others)
    if limit.rlim_cur < wanted {
      limit.rlim_cur = min(wanted, limit.rlim_max)
      setrlimit(resource, &limit)
      getrlimit(resource, &limit)
    }
    guard limit.rlim_cur < wanted else { return connections }
    return max(16, (Int(limit.rlim_cur) - others) / 2)
  }
}
