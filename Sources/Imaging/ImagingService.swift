import Core
import Processing
import Vips

/// Media work on still pictures, done here and now: the calls block until they are done.
///
/// Call them on a `ThreadPool`. Errors are `SwaplineError`, or `CancellationError` once `cancellation`
/// was asked to stop, which reaches decoding at its next strip of pixels.
package struct ImagingService: Sendable {
  private let faces: FaceFinder?
  private let meter: MediaProgress.Meter?

  /// A service without state; libvips starts with the first call. `faces` finds what renditions
  /// with the fit `face` are cut around; without it they are cut around the middle. Work on several
  /// files is noted on `meter`.
  package init(faces: FaceFinder? = nil, meter: MediaProgress.Meter? = nil) {
    self.faces = faces
    self.meter = meter
  }

  /// Loads what reads and writes pictures, which the first of them would wait for.
  package static func prepare() { try? VipsLibrary.start() }

  /// The facts of a file, from its bytes alone.
  package func probe(_ request: ProbeRequest, cancellation: Cancellation) throws -> Media {
    try Prober(cancellation: cancellation).probe(request)
  }

  /// What a picture shows.
  package func measure(
    _ request: MeasureRequest, cancellation: Cancellation
  ) throws -> PictureMeasures {
    try Measurer(cancellation: cancellation).measure(request)
  }

  /// Brings a picture within limits by the least change.
  package func normalize(
    _ request: NormalizeRequest, cancellation: Cancellation
  ) throws -> NormalizeAnswer {
    try Normalizer(cancellation: cancellation).normalize(request)
  }

  /// Makes several files from one picture, decoded once.
  package func render(_ request: RenderRequest, cancellation: Cancellation) throws -> [Rendered] {
    try Renderer(cancellation: cancellation, faces: faces, meter: meter, syncs: request.syncs)
      .render(request)
  }

  /// What the installed libvips reads and writes.
  package func capabilities() throws -> MediaCapabilities {
    try computing {
      let reads = try MediaFormat.all.filter { try $0.isRead }
      let pixel = try Image.fromSamples([0, 0, 0], width: 1, height: 1, bands: 3)
      let writes = MediaFormat.writable.filter {
        guard let encoding = $0.encoding else { return false }
        let options = encoding.options(encoding.defaultQuality)
        return (try? pixel.encoded(suffix: encoding.suffix, options: options)) != nil
      }
      return MediaCapabilities(libvips: VipsLibrary.version, reads: reads, writes: writes)
    }
  }
}
