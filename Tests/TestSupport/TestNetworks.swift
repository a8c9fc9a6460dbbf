import Foundation

/// Tiny networks that Scripts/make-test-networks writes, for tests of own weights.
public enum TestNetworks {
  /// Where they lie; written once for all tests of a process.
  public static let folder: String = {
    let folder = TestFolder.unique("networks")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    process.arguments = ["python3", "\(root)/Scripts/make-test-networks", folder]
    try? process.run()
    process.waitUntilExit()
    return folder
  }()

  /// Why tests that run them are skipped here; nil where they run. In CI they always do.
  public static let absence: String? = {
    let variables = ProcessInfo.processInfo.environment
    guard variables["CI"] == nil, variables["SWAPLINE_ONNXRUNTIME"] == nil else { return nil }
    let data = variables["XDG_DATA_HOME"] ?? "\(variables["HOME"] ?? "")/.local/share"
    let library = "\(data)/swapline/onnxruntime/libonnxruntime.so"
    guard !FileManager.default.isReadableFile(atPath: library) else { return nil }
    return "onnxruntime is not here: run Scripts/fetch-onnxruntime"
  }()

  /// The path of one of them.
  public static func file(_ name: String) -> String { "\(folder)/\(name).onnx" }

  /// An array as NumPy saves it.
  public static func array(_ shape: [Int], _ values: [Float]) -> [UInt8] {
    let sides = shape.map(String.init).joined(separator: ", ")
    let header = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (\(sides)), }\n".utf8)
    let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0]
    return start + header
      + values.flatMap { value in (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 255) } }
  }
}
