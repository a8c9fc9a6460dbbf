import Core
import FaceSwap
import Faces
import Glibc
import Imaging
import Processing
import TestSupport

/// One engine for all tests: its finders are slow to make.
let engine = LocalSwap()

/// The path of a fixture.
func fixture(_ file: String) -> String {
  #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/fixtures/" + file
}

/// A folder of its own for one test, removed with it.
final class Scratch {
  let path: String

  init() throws {
    path = TestFolder.unique("faces")
    guard mkdir(path, 0o700) == 0 else {
      throw SwaplineError(.storage, "No temporary folder can be made.")
    }
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// The names in the folder.
  var names: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  deinit {
    for name in names { unlink(file(name)) }
    rmdir(path)
  }
}

/// The stored samples of a picture, without any conversion where it is RGB of 8 bits.
func stored(_ file: String) throws -> PixelPicture {
  try ImagingService().pixels(
    of: file, limits: DecodingGuard(), colors: .asStored, cancellation: Cancellation())
}

/// Swaps fixtures.
func swap(
  _ scene: String, _ face: String, index: Int = 0, format: MediaFormat = .png,
  in scratch: Scratch
) throws -> SwapAnswer {
  try engine.swap(
    SwapRequest(
      scene: fixture(scene), face: fixture(face), faceIndex: index,
      output: scratch.file("result.\(format.name)"), format: format),
    cancellation: Cancellation())
}
