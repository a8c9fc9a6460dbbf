import CVips
import Cancelling

/// A picture of libvips: a recipe whose pixels are computed when something reads them.
///
/// Not `Sendable`: one thread at a time.
package final class Image {
  let pointer: UnsafeMutablePointer<VipsImage>
  let cancellation: Cancellation
  // libvips' progress of a derived picture points at its source without owning it.
  private let source: Image?
  /// The file that the pixels come from; nil for those that come from memory.
  let origin: Origin?

  /// Takes over a reference from libvips.
  init(
    owning pointer: UnsafeMutablePointer<VipsImage>, cancellation: Cancellation,
    source: Image? = nil,
    origin: Origin? = nil
  ) {
    self.pointer = pointer
    self.cancellation = cancellation
    self.source = source
    self.origin = origin ?? source?.origin
    if source == nil { cancellation.watch(pointer) }
  }

  deinit {
    g_object_unref(pointer)
  }

  /// The picture that `make` derives from this one.
  func derive(
    _ operation: String,
    _ make: (UnsafeMutablePointer<VipsImage>) -> UnsafeMutablePointer<VipsImage>?
  ) throws(VipsError) -> Image {
    guard let result = LibraryCall.run({ make(pointer) }) else {
      throw failure(.pixels, operation)
    }
    return Image(owning: result, cancellation: cancellation, source: self)
  }

  /// The error behind a failed call: an interruption looks like any other failure to libvips.
  func failure(_ kind: VipsError.Kind, _ operation: String) -> VipsError {
    guard !cancellation.isCancelled else {
      return VipsError(.interrupted, operation: operation, detail: "interrupted")
    }
    return VipsError.current(kind, operation, origin: origin)
  }
}

/// How the samples of a picture are to be understood.
package enum ColorSpace: Sendable, Hashable {
  /// Red, green and blue of 8 bits.
  case rgb
  /// Red, green and blue of 16 bits.
  case rgb16
  /// Lightness of 8 bits.
  case gray
  /// Lightness of 16 bits.
  case gray16
  /// Cyan, magenta, yellow and black.
  case cmyk
  /// Linear light in 32-bit floating-point samples.
  case linear
  /// CIE Lab.
  case lab
  /// Something that has no meaning as a colour here.
  case other

  init(_ interpretation: VipsInterpretation) {
    self =
      switch interpretation {
      case VIPS_INTERPRETATION_sRGB, VIPS_INTERPRETATION_RGB: .rgb
      case VIPS_INTERPRETATION_RGB16: .rgb16
      case VIPS_INTERPRETATION_B_W: .gray
      case VIPS_INTERPRETATION_GREY16: .gray16
      case VIPS_INTERPRETATION_CMYK: .cmyk
      case VIPS_INTERPRETATION_scRGB: .linear
      case VIPS_INTERPRETATION_LAB, VIPS_INTERPRETATION_LABS, VIPS_INTERPRETATION_LABQ: .lab
      default: .other
      }
  }
}

// Facts of the header; none of them decodes.
extension Image {
  /// Columns.
  package var width: Int { Int(vips_image_get_width(pointer)) }
  /// Rows; of all frames together when several were opened.
  package var height: Int { Int(vips_image_get_height(pointer)) }
  /// Samples a pixel.
  package var bands: Int { Int(vips_image_get_bands(pointer)) }
  /// How the samples are to be understood.
  package var space: ColorSpace { ColorSpace(vips_image_get_interpretation(pointer)) }
  /// Whether the last sample of a pixel is its opacity.
  package var hasAlpha: Bool { vips_image_hasalpha(pointer) != 0 }
  /// How many frames or pages the file has.
  package var pages: Int { max(1, Int(vips_image_get_n_pages(pointer))) }
  /// EXIF orientation, 1 (upright) to 8.
  package var orientation: Int { Int(vips_image_get_orientation(pointer)) }

  /// Bits a sample as they are held here: 8, 16 or 32.
  package var bitDepth: Int { Int(vips_format_sizeof(vips_image_get_format(pointer))) * 8 }

  /// What a sample is.
  package enum SampleKind: Sendable, Hashable {
    /// Whole numbers from 0 on.
    case unsigned
    /// Whole numbers below and above 0.
    case signed
    /// Floating-point numbers.
    case float
    /// Anything else, such as complex numbers.
    case other
  }

  /// What a sample is; packed CIE Lab counts as unsigned.
  package var sampleKind: SampleKind {
    switch vips_image_get_format(pointer) {
    case VIPS_FORMAT_UCHAR, VIPS_FORMAT_USHORT, VIPS_FORMAT_UINT: .unsigned
    case VIPS_FORMAT_CHAR, VIPS_FORMAT_SHORT, VIPS_FORMAT_INT: .signed
    case VIPS_FORMAT_FLOAT, VIPS_FORMAT_DOUBLE: .float
    default: .other
    }
  }

  /// Whether a pixel is CIE Lab packed into 32 bits, as libvips reads TIFFs of 8-bit Lab.
  package var isPackedLab: Bool { vips_image_get_coding(pointer) == VIPS_CODING_LABQ }

  /// Whether samples are unsigned whole numbers of 8 bits.
  package var isEightBit: Bool { vips_image_get_format(pointer) == VIPS_FORMAT_UCHAR }

  /// The embedded ICC profile's bytes; nil without one.
  package var profile: [UInt8]? { blob(VIPS_META_ICC_NAME) }

  /// The embedded XMP packet's bytes; nil without one.
  package var xmp: [UInt8]? { blob(VIPS_META_XMP_NAME) }

  private func blob(_ name: String) -> [UInt8]? {
    guard vips_image_get_typeof(pointer, name) != 0 else { return nil }
    var data: UnsafeRawPointer?
    var length = 0
    guard vips_image_get_blob(pointer, name, &data, &length) == 0, let data else { return nil }
    return Array(UnsafeRawBufferPointer(start: data, count: length))
  }

  /// A text of the main image's EXIF, such as `Copyright`; nil without one.
  package func exif(_ tag: String) -> String? {
    var text: UnsafePointer<CChar>?
    let name = "exif-ifd0-\(tag)"
    guard vips_image_get_typeof(pointer, name) != 0,
      vips_image_get_string(pointer, name, &text) == 0, let text
    else { return nil }
    // libvips appends the text as libexif shows it: `text (text, ASCII, 5 components, 5 bytes)`.
    let whole = String(cString: text)
    return whole.ranges(of: " (").lazy.map { (whole[..<$0.lowerBound], whole[$0.upperBound...]) }
      .first { $1.hasPrefix($0) }.map { String($0.0) } ?? whole
  }

  /// The names of all metadata, such as `exif-data` and `icc-profile-data`.
  package var metadata: [String] {
    guard let fields = vips_image_get_fields(pointer) else { return [] }
    defer { g_strfreev(fields) }
    var names: [String] = []
    var index = 0
    while let field = fields[index] {
      names.append(String(cString: field))
      index += 1
    }
    return names
  }
}
