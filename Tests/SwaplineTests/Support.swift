import FoundationEssentials
import Swapline
import Synchronization
import TestSupport

/// A picture of `width` x `height` as far as headers go.
func picture(_ width: Int, _ height: Int, extra: [UInt8] = []) -> [UInt8] {
  func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
  let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  let header = number(13) + Array("IHDR".utf8) + number(width) + number(height) + [8, 2, 0, 0, 0]
  return signature + header + number(0) + extra
}

/// A media service that reads and writes headers and swaps by putting the face's bytes behind the
/// scene's.
final class FakeMedia: MediaService {
  private let begun = Mutex(0)
  private let duration: Duration

  /// A service whose swaps take `duration`.
  init(duration: Duration = .zero) {
    self.duration = duration
  }

  /// How many swaps were begun.
  var swaps: Int { begun.withLock { $0 } }

  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    try work.answer(await result(of: work))
  }

  private func result(of work: any MediaWork) async throws -> any Sendable {
    switch work {
    case let request as ProbeRequest: return try facts(request.file)
    case let request as NormalizeRequest:
      return NormalizeAnswer(file: nil, media: try facts(request.file), changes: [])
    case let request as RenderRequest:
      return try request.renditions.map { order in
        let bytes = picture(order.width ?? 1, order.height ?? 1, extra: [1])
        try FileSystem.write(bytes, to: order.output)
        var media = try facts(order.output)
        media.format = order.format
        return Rendered(file: order.output, media: media, changes: [])
      }
    case let request as SwapRequest:
      begun.withLock { $0 += 1 }
      try await Task.sleep(for: duration)
      let bytes = try FileSystem.read(request.scene) + FileSystem.read(request.faces[0].file)
      try FileSystem.write(bytes, to: request.output)
      let box = FaceBox(x: 0, y: 0, width: 1, height: 1, score: 1)
      return SwapAnswer(
        file: request.output, media: try facts(request.output), replaced: box, touched: box)
    default: throw SwaplineError(.unsupported, "The fake service cannot do that.")
    }
  }

  private func facts(_ path: String) throws -> Media {
    let bytes = try FileSystem.read(path)
    guard bytes.count >= 33, MediaFormat.sniff(bytes) == .png else {
      throw SwaplineError(.damaged, "The file is no picture.")
    }
    func number(_ offset: Int) -> Int {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return Media(
      kind: .image, format: .png, width: number(16), height: number(20),
      size: Int64(bytes.count), digest: Digest(of: bytes))
  }
}

/// A folder with a scene and a face, gone with its owner.
final class Desk: Sendable {
  let path: String
  let media: FakeMedia

  init(media: FakeMedia = FakeMedia()) throws {
    path = TestFolder.unique("face")
    self.media = media
    try FileSystem.makeFolder(path)
    try FileSystem.write(Self.face, to: path + "/face.png")
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  static let face = picture(64, 64)

  /// An item with a scene of this width.
  func item(_ id: String, width: Int = 640) throws -> Item {
    try FileSystem.write(picture(width, 480), to: "\(path)/\(id).png")
    return Item(id: id, scene: "\(path)/\(id).png", face: path + "/face.png")
  }

  /// Options without workers and without the process's environment.
  func options(environment: [String: String] = [:]) -> RunOptions {
    RunOptions(media: .service(media), concurrency: 4, environment: environment)
  }

  /// Runs a pipeline to its end.
  func run(
    _ pipeline: Pipeline, _ items: [Item], options: RunOptions? = nil
  ) async throws -> [Runner.Outcome] {
    var outcomes: [Runner.Outcome] = []
    let stream = pipeline.run(items, into: path + "/out", options: options ?? self.options())
    for try await outcome in stream { outcomes.append(outcome) }
    return outcomes
  }
}

extension [Runner.Outcome] {
  /// The items that ended well.
  var assets: [Asset] {
    compactMap { if case .finished(let asset, _) = $0 { asset } else { nil } }
  }
}
