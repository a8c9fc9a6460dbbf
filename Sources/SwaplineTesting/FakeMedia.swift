import Core
import Files
import Processing
import Synchronization

/// Media work without workers and without decoding: it measures PNG, GIF and JPEG by their headers, leaves
/// inputs as they are, and makes renditions of the sides that were asked for.
///
/// What it makes has a PNG's header and no pixels, whatever the format.
public final class FakeMedia: MediaService {
  private struct State {
    var swaps = 0
    var works: [String] = []
    var problems: [(work: String, SwaplineError)] = []
  }

  private let state = Mutex(State())
  private let duration: Duration
  private let faces: Int

  /// A service that finds `faces` faces in every picture, and whose swaps, where a provider in this
  /// process asks for them, take `duration`.
  public init(faces: Int = 1, duration: Duration = .zero) {
    self.faces = faces
    self.duration = duration
  }

  /// How many swaps were begun.
  public var swaps: Int { state.withLock(\.swaps) }

  /// The names of the work that was asked for so far, such as `probe` and `render`.
  public var works: [String] { state.withLock(\.works) }

  /// The next piece of work of this name fails so, once.
  public func fail(next work: String, with error: SwaplineError) {
    state.withLock { $0.problems.append((work, error)) }
  }

  public func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    let problem = state.withLock { state -> SwaplineError? in
      state.works.append(Work.name)
      guard let index = state.problems.firstIndex(where: { $0.work == Work.name }) else {
        return nil
      }
      return state.problems.remove(at: index).1
    }
    if let problem { throw problem }
    return try work.answer(await result(of: work))
  }

  private func result(of work: any MediaWork) async throws -> any Sendable {
    switch work {
    case let request as ProbeRequest: return try facts(request.file)
    case is FindFacesRequest:
      return (0..<faces).map { FaceBox(x: $0, y: 0, width: 1, height: 1, score: 1) }
    case let request as NormalizeRequest:
      return NormalizeAnswer(file: nil, media: try facts(request.file), changes: [])
    case let request as RenderRequest:
      let source = try facts(request.file)
      return try request.renditions.map { try rendered($0, of: source) }
    case let request as SwapRequest: return try await swapped(request)
    case let request as CompareFacesRequest:
      let isSame = try FileSystem.read(request.scene) == FileSystem.read(request.result)
      return FaceComparison(frames: 1, faced: 1, unchanged: isSame ? 1 : 0, isSameWhole: isSame)
    default:
      throw SwaplineError(
        .unsupported, "FakeMedia cannot do '\(type(of: work).name)'.",
        hint: "Use media workers for this test: RunOptions(media: .workers(…)).")
    }
  }

  private func rendered(_ order: RenditionRequest, of source: Media) throws -> Rendered {
    let bytes = FakePicture.bytes(
      width: order.width ?? source.width, height: order.height ?? source.height,
      extra: Array("\(order.format.name) of \(source.digest.hex)".utf8))
    try FileSystem.write(bytes, to: order.output)
    var media = try facts(order.output)
    media.format = order.format
    return Rendered(file: order.output, media: media, changes: [])
  }

  private func swapped(_ request: SwapRequest) async throws -> SwapAnswer {
    state.withLock { $0.swaps += 1 }
    try await Task.sleep(for: duration)
    let face = request.faces.first.map(\.file)
    let bytes =
      try FileSystem.read(request.scene) + (try face.map { try FileSystem.read($0) } ?? [])
    try FileSystem.write(bytes, to: request.output)
    let box = FaceBox(x: 0, y: 0, width: 1, height: 1, score: 1)
    return SwapAnswer(
      file: request.output, media: try facts(request.output), replaced: box, touched: box)
  }

  private func facts(_ path: String) throws -> Media {
    let bytes = try FileSystem.read(path)
    guard let format = MediaFormat.sniff(bytes), let sides = FakePicture.sides(of: bytes) else {
      throw SwaplineError(
        .damaged, "The file is not a PNG, GIF or JPEG.",
        hint: "FakeMedia measures these three by their headers.")
    }
    return Media(
      kind: format == .gif ? .animation : .image, format: format, width: sides.width,
      height: sides.height, size: Int64(bytes.count), digest: Digest(of: bytes),
      frames: format == .gif ? 2 : 1)
  }
}
