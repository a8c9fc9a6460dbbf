import Core
import Glibc

/// Finds the program that does media work.
enum WorkerProgram {
  static let name = "swapline-media"
  static let variable = "SWAPLINE_MEDIA"

  /// The program's path: `explicit`, else what the variable `SWAPLINE_MEDIA` names, else beside the
  /// running program, else where an installation has it, else in the folders of `PATH`.
  static func find(_ explicit: String?) throws -> String {
    let named = explicit ?? getenv(variable).map { String(cString: $0) }
    if let named, !named.isEmpty {
      guard isProgram(named) else {
        throw SwaplineError(
          .notFound, "There is no program \(named) to do media work.",
          hint: "Correct the path, or unset \(variable) to have it found beside `swapline`.")
      }
      return named
    }
    let own = ownFolder
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let folders =
      [own, installedFolder].compactMap { $0 } + path.split(separator: ":").map(String.init)
    guard let folder = folders.first(where: { isProgram("\($0)/\(name)") }) else {
      throw SwaplineError(
        .notFound,
        "The program \(name), which does media work, is neither in \(own ?? "the program's folder")"
          + " nor in a folder of PATH.",
        hint: "Install it beside `swapline`, or name it in the variable \(variable).")
    }
    return "\(folder)/\(name)"
  }

  /// Where an installation has the programs that no one calls by hand: `PREFIX/libexec/swapline`, for a
  /// program in `PREFIX/bin`. Source: Filesystem Hierarchy Standard 3.0, 4.7.
  static var installedFolder: String? { prefix.map { "\($0)/libexec/swapline" } }

  /// The prefix of the installation that the running program belongs to; nil where it stands elsewhere.
  static var prefix: String? {
    guard let own = ownFolder else { return nil }
    for end in ["/bin", "/libexec/swapline"] where own.hasSuffix(end) {
      return String(own.dropLast(end.count))
    }
    return nil
  }

  /// The folder of the running program. Source: proc(5), `/proc/self/exe`.
  static var ownFolder: String? {
    var characters = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &characters, characters.count)
    let bytes = characters.map { UInt8(bitPattern: $0) }
    guard count > 0, let slash = bytes[..<count].lastIndex(of: UInt8(ascii: "/")) else {
      return nil
    }
    return String(decoding: bytes[..<slash], as: UTF8.self)
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return access(path, X_OK) == 0
  }
}
