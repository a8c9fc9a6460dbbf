import Core
import FaceSwap
import Motion
import Processing

extension MovingSwap: FramePainter {}

/// Swaps faces in whatever a scene is.
struct FrameSwap {
  let engine: LocalSwap
  let motion: MotionService

  /// Does what `request` asks for.
  func perform(_ request: SwapRequest, cancellation: Cancellation) throws -> SwapAnswer {
    guard
      try motion.moves(request.scene, limits: request.decoding, cancellation: cancellation)
    else { return try engine.swap(request, cancellation: cancellation) }
    let painter = try MovingSwap(engine, request, cancellation: cancellation)
    guard
      let made = try motion.retouch(
        request.scene, to: request.output, format: request.format, quality: request.quality,
        limits: request.decoding, painter: painter, cancellation: cancellation)
    else { throw SwaplineError(.internal, "A moving scene became a still one.") }
    let none = FaceBox(x: 0, y: 0, width: 0, height: 0, score: 0)
    return SwapAnswer(
      file: made.file, media: made.media, replaced: painter.replaced ?? none,
      touched: painter.touched ?? none, frames: painter.frames,
      changes: made.changes + painter.changes)
  }
}
