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
  private let lane: Lane
  // One for all requests: loading its data takes longer than using it.
  private let engine = LocalSwap()

  /// A service that works on at most `width` requests at once; by default one for each core.
  public init(width: Int = WorkerPool.cores) {
    lane = Lane(name: "media", width: width)
  }

  public func perform(_ request: MediaRequest) async throws -> MediaAnswer {
    let meter = MediaProgress.Meter()
    return try await lane.run { [engine] cancellation in
      let imaging = ImagingService(
        faces: { try engine.findFaces($0, cancellation: $1) }, meter: meter)
      let motion = MotionService(meter: meter)
      switch request {
      case .probe(let request) where MotionService.isFilm(request.file):
        return .probed(try motion.probe(request, cancellation: cancellation))
      case .probe(let request):
        return .probed(try imaging.probe(request, cancellation: cancellation))
      case .measure(let request):
        return .measured(try imaging.measure(request, cancellation: cancellation))
      case .normalize(let request):
        let work = NormalizeWork(imaging: imaging, motion: motion, cancellation: cancellation)
        return .normalized(try work.perform(request))
      case .render(let request):
        if MotionService.renders(request),
          let files = try motion.render(request, cancellation: cancellation)
        {
          return .rendered(files)
        }
        return .rendered(try imaging.render(request, cancellation: cancellation))
      case .capabilities:
        return .capabilities(try imaging.capabilities())
      case .probeAll(let requests):
        return .probedAll(
          try requests.map { request in
            do {
              return .measured(
                try MotionService.isFilm(request.file)
                  ? motion.probe(request, cancellation: cancellation)
                  : imaging.probe(request, cancellation: cancellation))
            } catch let error as SwaplineError {
              return .failed(error)
            }
          })
      case .findFaces(let request):
        return .faces(try engine.findFaces(request, cancellation: cancellation))
      case .split(let request):
        return .split(try motion.split(request, cancellation: cancellation))
      case .join(let request):
        return .joined(try motion.join(request, cancellation: cancellation))
      case .swap(let request):
        let swap = FrameSwap(engine: engine, motion: motion)
        return .swapped(try swap.perform(request, cancellation: cancellation))
      }
    }
  }
}
