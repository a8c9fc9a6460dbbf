import Core
import Glibc

/// Where onnxruntime is, which runs networks of the user's own. Nothing else needs it.
package struct RuntimeLibrary: Sendable {
  /// The one command that brings it, from the folder of Swapline's sources.
  package static let command = "Scripts/fetch-onnxruntime"
  /// The variable that names the library, or the folder that holds it.
  package static let variable = "SWAPLINE_ONNXRUNTIME"
  static let file = "libonnxruntime.so"

  /// Where it is looked for, in this order.
  package let places: [String]

  /// A library that is looked for at `places`.
  package init(places: [String] = RuntimeLibrary.standardPlaces) {
    self.places = places
  }

  /// Beside the program, where `SWAPLINE_ONNXRUNTIME` says, in the user's data folder.
  package static var standardPlaces: [String] {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let data = variable("XDG_DATA_HOME") ?? variable("HOME").map { "\($0)/.local/share" }
    return [
      WorkerProgram.ownFolder.map { "\($0)/onnxruntime/\(file)" },
      variable(Self.variable).map(isFolder).map { $0.isFolder ? "\($0.path)/\(file)" : $0.path },
      data.map { "\($0)/swapline/onnxruntime/\(file)" },
    ].compactMap { $0 }
  }

  private static func isFolder(_ path: String) -> (path: String, isFolder: Bool) {
    var status = stat()
    return (path, stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR)
  }

  /// The path of the library. Throws `.unsupported` when it is nowhere.
  package func path() throws(SwaplineError) -> String {
    if let path = places.first(where: { access($0, R_OK) == 0 }) { return path }
    throw SwaplineError(
      .unsupported, "Networks of your own need onnxruntime, which is not here.",
      hint:
        "Run \(Self.command) in the folder of Swapline's sources, which brings it once, or name "
        + "the library with \(Self.variable).")
  }
}
