import Core
import FaceSwap
import Imaging
import Motion
import Processing

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
    MotionService.isVideo(request.file)
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
