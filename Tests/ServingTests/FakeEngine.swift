import Core
import FoundationEssentials
import Processing
import Synchronization

/// A picture of `width` x `height` as far as headers go: a PNG's signature and IHDR, and `extra`
/// bytes behind them.
func picture(_ width: Int, _ height: Int, extra: [UInt8] = []) -> [UInt8] {
  func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
  let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  let header = number(13) + Array("IHDR".utf8) + number(width) + number(height) + [8, 2, 0, 0, 0]
  return signature + header + number(0) + extra
}

/// An engine that reads headers and "swaps" by putting the face's bytes behind the scene's.
final class FakeEngine: MediaService {
  /// How many swaps were begun.
  let begun = Mutex(0)
  /// The last swap that was asked for.
  let last = Mutex<SwapRequest?>(nil)
  private let failure: SwaplineError?
  private let duration: Duration

  /// An engine whose swaps take `duration` and fail with `failure` if there is one; in its message
  /// SCENE and FACE stand for the files' paths.
  init(failing failure: SwaplineError? = nil, duration: Duration = .zero) {
    self.failure = failure
    self.duration = duration
  }

  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    try work.answer(await result(of: work))
  }

  private func result(of work: any MediaWork) async throws -> any Sendable {
    switch work {
    case let request as ProbeRequest: return try facts(request.file)
    case let request as SwapRequest:
      last.withLock { $0 = request }
      begun.withLock { $0 += 1 }
      try await Task.sleep(for: duration)
      if var failure {
        failure.message = failure.message.replacing("SCENE", with: request.scene)
          .replacing("FACE", with: request.faces[0].file)
        throw failure
      }
      let bytes =
        try Data(contentsOf: .init(filePath: request.scene))
        + Data(contentsOf: .init(filePath: request.faces[0].file))
      try bytes.write(to: .init(filePath: request.output))
      let box = FaceBox(x: 0, y: 0, width: 1, height: 1, score: 1)
      return SwapAnswer(
        file: request.output, media: try facts(request.output), replaced: box, touched: box)
    case is FindFacesRequest:
      return [
        FaceBox(x: 10, y: 10, width: 60, height: 60, score: 2),
        FaceBox(x: 90, y: 10, width: 40, height: 40, score: 1),
      ]
    case let request as RenderRequest:
      return try request.renditions.map { order in
        let bytes = picture(order.region?.width ?? 1, order.region?.height ?? 1)
        try Data(bytes).write(to: .init(filePath: order.output))
        return Rendered(file: order.output, media: try facts(order.output), changes: [])
      }
    default:
      throw SwaplineError(.unsupported, "The fake engine only probes and swaps.")
    }
  }

  private func facts(_ path: String) throws -> Media {
    let bytes = Array(try Data(contentsOf: .init(filePath: path)))
    guard bytes.count >= 33, let format = MediaFormat.sniff(bytes) else {
      throw SwaplineError(.damaged, "\(path) is cut off.")
    }
    func number(_ offset: Int) -> Int {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let moves = format != .png && format != .jpg
    return Media(
      kind: !moves ? .image : format == .gif ? .animation : .video, format: format,
      width: moves ? 8 : number(16), height: moves ? 8 : number(20), size: Int64(bytes.count),
      digest: Digest(of: bytes), frames: moves ? 12 : 1, duration: moves ? 1.2 : nil)
  }
}
