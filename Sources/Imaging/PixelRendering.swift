import Core
import Processing
import Vips

extension ImagingService {
  /// Makes several files from one upright picture in memory: RGBA of 8 bits in sRGB, rows from top
  /// to bottom without gaps. Opacity is left out where every pixel is opaque.
  ///
  /// `changes` is what was done to get the picture; it stands before what this does. Faces are
  /// looked for in files only: `face` fills around the middle here.
  package func render(
    samples: UnsafeRawBufferPointer, width: Int, height: Int, renditions: [RenditionRequest],
    changes: [Change] = [], rights: Rights? = nil,
    maximumPixels: Int = DecodingGuard().maximumPixels, syncs: Bool = true,
    cancellation: Cancellation
  ) throws -> [Rendered] {
    let isOpaque = stride(from: 3, to: samples.count, by: 4).allSatisfy { samples[$0] == 255 }
    try cancellation.check()
    return try Renderer(cancellation: cancellation, syncs: syncs).render(
      renditions, of: Size(width, height), faces: [], limit: maximumPixels
    ) { _ in
      let image = try computing {
        let whole = try Image.fromSamples(
          Array(samples), width: width, height: height, bands: 4, cancellation: cancellation)
        return isOpaque ? try whole.bands(0, count: 3).inMemory() : whole
      }
      return Decoded(image: image, changes: changes, rights: rights)
    }
  }
}
