import Core
import Files
import FoundationEssentials
import Glibc
import Pipelines
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

/// A moving picture as far as its first bytes go.
let movingPicture = Array("GIF89a".utf8) + [UInt8](repeating: 7, count: 60)

/// The facts of a picture that was never written down.
func facts(
  _ width: Int = 640, _ height: Int = 480, format: MediaFormat = .png, size: Int64 = 1_000,
  orientation: Int = 1
) -> Media {
  Media(
    kind: .image, format: format, width: width, height: height, size: size,
    digest: Digest(of: "\(width)x\(height) \(format.name) \(size)"), orientation: orientation)
}

/// A media service that reads headers, writes headers, and keeps what it was asked.
final class FakeMedia: MediaService {
  private struct State {
    var asked: [any MediaWork] = []
    var troubles: [SwaplineError] = []
    var refused: [MediaFormat: SwaplineError] = [:]
    var leavesUnsyncable = false
  }

  private let state = Mutex(State())
  private let faces: [FaceBox]
  private let compared: FaceComparison?
  private let normalized: @Sendable (NormalizeRequest) throws -> NormalizeAnswer?

  /// A service that finds `faces` faces in every picture; `normalized` answers where a change is
  /// wanted, everything else passes as it is. `compared` is said of every result; nil says that it cannot be
  /// compared.
  init(
    faces: Int = 1, compared: FaceComparison? = FaceComparison(frames: 1, faced: 1, unchanged: 0),
    normalized: @escaping @Sendable (NormalizeRequest) throws -> NormalizeAnswer? = { _ in nil }
  ) {
    self.faces = (0..<faces).map { FaceBox(x: $0, y: 0, width: 1, height: 1, score: 1) }
    self.normalized = normalized
    self.compared = compared
  }

  /// What was asked so far.
  var asked: [any MediaWork] { state.withLock { $0.asked } }

  /// The orders to render so far.
  var renders: [RenderRequest] {
    asked.compactMap { $0 as? RenderRequest }
  }

  /// The next order to render fails with each of these once.
  func failRendering(_ troubles: SwaplineError...) {
    state.withLock { $0.troubles += troubles }
  }

  /// Every order that asks for a file of `format` fails from now on; with nil none does.
  func refuse(_ format: MediaFormat, _ error: SwaplineError?) {
    state.withLock { $0.refused[format] = error }
  }

  /// Renditions are links to a file that cannot be synced from now on.
  func leaveUnsyncable() {
    state.withLock { $0.leavesUnsyncable = true }
  }

  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    state.withLock { $0.asked.append(work) }
    return try work.answer(result(of: work))
  }

  private func result(of work: any MediaWork) throws -> Any {
    switch work {
    case let request as ProbeRequest: return try facts(at: request.file)
    case is FindFacesRequest: return faces
    case let request as NormalizeRequest:
      return try normalized(request)
        ?? NormalizeAnswer(file: nil, media: facts(at: request.file), changes: [])
    case let request as RenderRequest:
      if let trouble = state.withLock({ $0.troubles.popLast() }) { throw trouble }
      let refused = state.withLock { state in
        request.renditions.compactMap { state.refused[$0.format] }.first
      }
      if let refused { throw refused }
      return try request.renditions.map { try render($0, of: request.file) }
    case is CompareFacesRequest where compared != nil: return compared as Any
    default: throw SwaplineError(.unsupported, "The fake service cannot do that.")
    }
  }

  private func render(_ order: RenditionRequest, of file: String) throws -> Rendered {
    let source = try facts(at: file)
    let (width, height) = (order.width ?? source.width, order.height ?? source.height)
    let bytes = picture(
      width, height, extra: Array("\(order.format.name) of \(source.digest)".utf8))
    try FileSystem.write(bytes, to: order.output)
    var media = try facts(at: order.output)
    media.format = order.format
    if state.withLock(\.leavesUnsyncable) {
      FileSystem.remove(order.output)
      symlink(Self.unsyncable, order.output)
    }
    return Rendered(file: order.output, media: media, changes: [])
  }

  /// fsync(2) says EINVAL here.
  static let unsyncable = "/proc/self/status"

  func facts(at path: String) throws -> Media {
    let bytes = try FileSystem.read(path)
    guard let format = MediaFormat.sniff(bytes) else {
      throw SwaplineError(.damaged, "The file is of no known format.")
    }
    func number(_ offset: Int) -> Int {
      format == .png ? bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } : 8
    }
    return Media(
      kind: format == .gif ? .animation : .image, format: format, width: number(16),
      height: number(20), size: Int64(bytes.count), digest: Digest(of: bytes),
      frames: format == .gif ? 2 : 1)
  }
}
