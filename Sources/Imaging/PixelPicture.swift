import Core
import Processing
import Vips

/// An upright picture as plain samples, for work that libvips does not do.
package struct PixelPicture: Sendable {
  /// Columns.
  package var width: Int
  /// Rows.
  package var height: Int
  /// Red, green and blue of each pixel, rows from top to bottom without padding.
  package var rgb: [UInt8]
  /// The opacity of each pixel; nil for an opaque picture.
  package var alpha: [UInt8]?
  /// The ICC profile that `rgb` is to be understood by; nil for sRGB.
  package var profile: [UInt8]?
  /// What was changed on the way from the file, such as orientation, colours or depth.
  package var changes: [Change]

  /// A picture from its samples.
  package init(
    width: Int, height: Int, rgb: [UInt8], alpha: [UInt8]? = nil, profile: [UInt8]? = nil,
    changes: [Change] = []
  ) {
    self.width = width
    self.height = height
    self.rgb = rgb
    self.alpha = alpha
    self.profile = profile
    self.changes = changes
  }
}

/// What the samples of a `PixelPicture` are to be.
package enum PixelColors: Sendable {
  /// Converted to sRGB.
  case sRGB
  /// The stored ones with their profile where they are RGB of 8 bits, else converted to sRGB.
  case asStored
}

extension ImagingService {
  /// Opens `file` behind the same guards as every other work.
  ///
  /// `maximumSide` scales the picture down, never up, so that its longer side has that many pixels.
  package func pixels(
    of file: String, limits: DecodingGuard, colors: PixelColors = .sRGB, maximumSide: Int? = nil,
    cancellation: Cancellation
  ) throws -> PixelPicture {
    let header = try Header.read(file, limits: limits)
    let keepsProfile =
      colors == .asStored && header.space == .rgb && header.bitDepth == 8
      && header.profile?.model == .rgb
    try cancellation.check()
    let upright = Size(header.uprightWidth, header.uprightHeight)
    let scale = maximumSide.map { min(1, Double($0) / Double(upright.long)) } ?? 1
    let size = scale < 1 ? upright.scaled(by: scale) : nil
    let decoded = try Decoder(
      header: header, cancellation: cancellation, keepsProfile: keepsProfile
    )
    .decode(to: size)
    return try computing {
      let image = decoded.image.bands < 3 ? try decoded.image.toPlainSRGB() : decoded.image
      let colour = image.hasAlpha ? try image.bands(0, count: 3) : image
      let alpha = image.hasAlpha ? try image.bands(3, count: 1).samples() : nil
      return PixelPicture(
        width: image.width, height: image.height, rgb: try colour.samples(), alpha: alpha,
        profile: keepsProfile ? header.profileBytes : nil, changes: decoded.changes)
    }
  }

  /// Writes `picture` to `output` and measures what was written. Opacity is kept where the format
  /// holds it, else it is left out; metadata are the profile and nothing else. `isQuick` compresses without
  /// loss in half the time, for some more bytes.
  package func write(
    _ picture: PixelPicture, to output: String, format: MediaFormat, quality: Int? = nil,
    isQuick: Bool = false, cancellation: Cancellation
  ) throws -> Media {
    try cancellation.check()
    let writer = Writer(cancellation: cancellation)
    let image = try computing {
      let colour = try Image.fromSamples(
        picture.rgb, width: picture.width, height: picture.height, bands: 3,
        cancellation: cancellation)
      guard let alpha = picture.alpha, format.holdsAlpha else { return colour }
      return try colour.joined(
        with: Image.fromSamples(
          alpha, width: picture.width, height: picture.height, bands: 1, cancellation: cancellation)
      )
    }
    let encoded = try writer.encode(
      image, as: format, quality: quality, profile: picture.profile, isQuick: isQuick)
    return try writer.write(encoded, to: output)
  }
}
