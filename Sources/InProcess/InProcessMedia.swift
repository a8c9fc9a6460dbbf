import Containers
import Core
import FaceSwap
import Imaging
import Motion
import Processing

/// Media work inside this process, on threads of its own.
///
/// Quick to start and easy to debug, but a decoder's crash is this process's crash: for files that
/// strangers hand over, use a `WorkerPool`.
public struct InProcessMedia: MediaService {
  private let threads: ThreadPool
  // One for all requests: loading its data takes longer than using it.
  private let engine = LocalSwap()

  /// A service that works on at most `width` requests at once; by default one for each core.
  public init(width: Int = WorkerPool.cores) {
    threads = ThreadPool(name: "media", width: width)
  }

  /// Every kind of work, and what does it.
  private static let works: [Worker] = [
    Worker(ProbeRequest.self) { try $1.probe($0) },
    Worker(ProbeAllRequest.self) { try $1.probe($0.requests) },
    Worker(FindFacesRequest.self) { try $1.engine.findFaces($0, cancellation: $1.cancellation) },
    Worker(MeasureRequest.self) { try $1.imaging.measure($0, cancellation: $1.cancellation) },
    Worker(NormalizeRequest.self) { try $1.normalize($0) },
    Worker(RenderRequest.self) { try $1.render($0) },
    Worker(SwapRequest.self) { try $1.swap($0) },
    Worker(CompareFacesRequest.self) { try $1.compareFaces($0) },
    Worker(CheckNetworkRequest.self) { try $1.engine.check($0) },
    Worker(ExtractFramesRequest.self) { try $1.motion.split($0, cancellation: $1.cancellation) },
    Worker(ReplaceFramesRequest.self) { try $1.motion.join($0, cancellation: $1.cancellation) },
    Worker(CapabilitiesRequest.self) { try $1.imaging.capabilities() },
  ]

  /// The kinds of work that are done here.
  public static let kinds = works.map(\.kind)

  private static let byName = Dictionary(uniqueKeysWithValues: works.map { ($0.kind.name, $0) })

  /// Loads what media of `kind` need, which the first request for them would wait for.
  public func prepare(for kind: MediaKind) async {
    try? await threads.run { _ in
      switch kind {
      case .video: MotionService.prepare()
      case .image, .animation: ImagingService.prepare()
      }
    }
  }

  public func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    guard let worker = Self.byName[Work.name] else {
      throw SwaplineError(.internal, "Nothing here does the work '\(Work.name)'.")
    }
    let meter = MediaProgress.Meter()
    return try await threads.run { [engine] cancellation in
      try work.answer(
        worker.run(work, Workroom(engine: engine, meter: meter, cancellation: cancellation)))
    }
  }
}

/// What does one kind of work.
private struct Worker: Sendable {
  let kind: any MediaWork.Type
  let run: @Sendable (any MediaWork, Workroom) throws -> Any

  init<Work: MediaWork>(
    _ kind: Work.Type, _ run: @escaping @Sendable (Work, Workroom) throws -> Work.Answer
  ) {
    self.kind = kind
    self.run = { work, room in
      guard let work = work as? Work else {
        throw SwaplineError(.internal, "The work '\(kind.name)' is of two types.")
      }
      return try run(work, room)
    }
  }
}

/// What one piece of work is done with.
struct Workroom {
  let engine: LocalSwap
  let imaging: ImagingService
  let motion: MotionService
  let cancellation: Cancellation

  init(engine: LocalSwap, meter: MediaProgress.Meter?, cancellation: Cancellation) {
    self.engine = engine
    self.cancellation = cancellation
    imaging = ImagingService(faces: { try engine.findFaces($0, cancellation: $1) }, meter: meter)
    motion = MotionService(meter: meter)
  }

  /// The facts of any file.
  func probe(_ request: ProbeRequest) throws -> Media {
    if !request.decodesFully,
      let media = PlainPicture.media(
        at: request.file, maximumPixels: request.limits.maximumPixels,
        maximumFrames: request.limits.maximumFrames, maximumSize: request.limits.maximumSize.bytes)
    {
      return media
    }
    return MotionService.isVideo(request.file)
      ? try motion.probe(request, cancellation: cancellation)
      : try imaging.probe(request, cancellation: cancellation)
  }

  /// The facts of many files, each with an outcome of its own.
  func probe(_ requests: [ProbeRequest]) throws -> [ProbeOutcome] {
    try requests.map { request in
      do {
        return .measured(try probe(request))
      } catch let error as SwaplineError {
        return .failed(error)
      }
    }
  }

  /// Any file within limits, without what is private.
  func normalize(_ request: NormalizeRequest) throws -> NormalizeAnswer {
    try NormalizeWork(room: self).perform(request)
  }

  /// Files made of any file.
  func render(_ request: RenderRequest) throws -> [Rendered] {
    if MotionService.renders(request),
      let files = try motion.render(request, cancellation: cancellation)
    {
      return files
    }
    return try imaging.render(request, cancellation: cancellation)
  }

  /// What became of the faces of a scene of any kind.
  func compareFaces(_ request: CompareFacesRequest) throws -> FaceComparison {
    let comparer = try FaceComparer(engine, request, cancellation: cancellation)
    let moves = try motion.pairs(
      request.scene, request.result, limits: request.limits, cancellation: cancellation
    ) { scene, width, height, result, resultWidth, resultHeight in
      try comparer.add(
        scene: scene, width: width, height: height, result: result, resultWidth: resultWidth,
        resultHeight: resultHeight)
    }
    return moves
      ? comparer.answer
      : try FaceComparer.compare(request, with: engine, cancellation: cancellation)
  }

  /// A scene of any kind with new faces.
  func swap(_ request: SwapRequest) throws -> SwapAnswer {
    guard
      try motion.moves(request.scene, limits: request.decoding, cancellation: cancellation)
    else { return try engine.swap(request, cancellation: cancellation) }
    let filter = try MovingSwap(engine, request, cancellation: cancellation)
    guard
      let made = try motion.retouch(
        request.scene, to: request.output, format: request.format, quality: request.quality,
        limits: request.decoding, filter: filter, cancellation: cancellation)
    else { throw SwaplineError(.internal, "A moving scene became a still one.") }
    let none = FaceBox(x: 0, y: 0, width: 0, height: 0, score: 0)
    return SwapAnswer(
      file: made.file, media: made.media, replaced: filter.replaced ?? none,
      touched: filter.touched ?? none, frames: filter.frames,
      changes: made.changes + filter.changes)
  }
}

extension MovingSwap: FrameFilter {}
