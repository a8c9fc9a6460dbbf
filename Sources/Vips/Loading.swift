import CVips
import Cancelling

/// A loader of libvips, named by the caller: libvips never guesses what a file is.
package struct Loader: RawRepresentable, Sendable, Hashable {
  /// The operation's name in libvips.
  package let rawValue: String

  /// The loader of that name, installed or not.
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let jpeg = Loader(rawValue: "jpegload")
  package static let png = Loader(rawValue: "pngload")
  package static let webp = Loader(rawValue: "webpload")
  package static let tiff = Loader(rawValue: "tiffload")
  package static let heif = Loader(rawValue: "heifload")

  /// Whether the installed libvips has it.
  package var isInstalled: Bool {
    get throws(VipsError) { try VipsLibrary.hasOperation(rawValue) }
  }
}

/// In which order the pixels of a file will be read.
package enum Access: Sendable {
  /// From top to bottom, once: the picture is never in memory as a whole.
  case sequential
  /// In any order: the picture is decoded into memory, or beyond 100 MB into a temporary file.
  case random
}

/// How much of a flaw in a file a loader lets pass.
package enum Strictness: Sendable {
  /// Flaws that lose nothing pass, and in a JPEG some that lose pixels.
  case errors
  /// Nothing passes.
  case warnings

  var level: VipsFailOn { self == .errors ? VIPS_FAIL_ON_ERROR : VIPS_FAIL_ON_WARNING }
}

extension Image {
  /// Reads the header of `file`; damage behind it shows when pixels are read.
  ///
  /// Damaged pixels are an error, missing ones too: a grey lower half is never passed on as a
  /// picture. A shrink of 2, 4 or 8 lets the JPEG loader decode at that fraction of the size, rounded
  /// down.
  package static func open(
    _ file: String, with loader: Loader, access: Access = .sequential, shrink: Int = 1,
    strictness: Strictness = .errors, cancellation: Cancellation
  ) throws(VipsError) -> Image {
    guard try loader.isInstalled else {
      throw VipsError(
        .missing, operation: loader.rawValue, detail: "the installed libvips does not have it")
    }
    let order = access == .sequential ? VIPS_ACCESS_SEQUENTIAL : VIPS_ACCESS_RANDOM
    let origin = Origin(loader: loader, cancellation: cancellation) {
      loader == .jpeg && shrink > 1
        ? swapline_vips_load_shrunk_jpeg(file, order, strictness.level, Int32(shrink))
        : swapline_vips_load(loader.rawValue, file, order, strictness.level)
    }
    return try origin.image(loader.rawValue)
  }

  /// Reads the header of a JPEG in memory; otherwise as `open`.
  package static func open(
    jpeg bytes: [UInt8], shrink: Int = 1, strictness: Strictness = .errors,
    cancellation: Cancellation
  ) throws(VipsError) -> Image {
    guard try Loader.jpeg.isInstalled else {
      throw VipsError(
        .missing, operation: "jpegload_buffer", detail: "the installed libvips does not have it")
    }
    let origin = Origin(loader: .jpeg, cancellation: cancellation) {
      bytes.withUnsafeBytes {
        $0.baseAddress.flatMap { start in
          swapline_vips_load_jpeg_bytes(
            start, bytes.count, VIPS_ACCESS_SEQUENTIAL, strictness.level, Int32(shrink))
        }
      }
    }
    return try origin.image("jpegload_buffer")
  }

  /// A picture of 8-bit samples: `bands` a pixel, rows from top to bottom without padding.
  ///
  /// One band is gray, two are gray and opacity, three RGB, four RGB and opacity.
  package static func fromSamples(
    _ samples: [UInt8], width: Int, height: Int, bands: Int,
    cancellation: Cancellation = Cancellation()
  ) throws(VipsError) -> Image {
    try VipsLibrary.start()
    let operation = "vips_image_new_from_memory_copy"
    guard width > 0, height > 0, (1...4).contains(bands), samples.count == width * height * bands
    else {
      throw VipsError(
        .pixels, operation: operation,
        detail: "\(samples.count) samples do not make \(width)x\(height) pixels of \(bands)")
    }
    LibraryCall.emptyText()
    guard
      let raw = LibraryCall.run({
        samples.withUnsafeBytes {
          vips_image_new_from_memory_copy(
            $0.baseAddress, $0.count, Int32(width), Int32(height), Int32(bands), VIPS_FORMAT_UCHAR)
        }
      })
    else { throw VipsError.current(.pixels, operation) }
    let image = Image(owning: raw, cancellation: cancellation)
    let space = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
    return try image.derive("copy") { swapline_vips_copy($0, space) }
  }

  /// A picture of 8-bit samples, laid out as in `fromSamples`, that `fill` writes into memory which is
  /// the picture's from then on; nil where `fill` says that it could not.
  package static func filled(
    width: Int, height: Int, bands: Int, cancellation: Cancellation = Cancellation(),
    _ fill: (UnsafeMutableRawBufferPointer) -> Bool
  ) throws(VipsError) -> Image? {
    try VipsLibrary.start()
    let space = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
    return try filled(width, height, bands, space, cancellation, fill)
  }

  static func filled(
    _ width: Int, _ height: Int, _ bands: Int, _ space: VipsInterpretation,
    _ cancellation: Cancellation, _ fill: (UnsafeMutableRawBufferPointer) -> Bool
  ) throws(VipsError) -> Image? {
    let operation = "vips_image_new_from_memory"
    LibraryCall.emptyText()
    let count = width * height * bands
    guard width > 0, height > 0, (1...4).contains(bands) else {
      throw VipsError(
        .pixels, operation: operation,
        detail: "a picture of \(width)x\(height) pixels of \(bands) samples")
    }
    guard let samples = malloc(count) else {
      throw VipsError(
        .memory, operation: operation,
        detail: "there is no memory for \(width)x\(height) pixels of \(bands) samples")
    }
    guard fill(UnsafeMutableRawBufferPointer(start: samples, count: count)) else {
      free(samples)
      return nil
    }
    guard
      let raw = LibraryCall.run({
        swapline_vips_adopt(samples, count, Int32(width), Int32(height), Int32(bands))
      })
    else { throw VipsError.current(.pixels, operation) }
    raw.pointee.Type = space
    return Image(owning: raw, cancellation: cancellation)
  }

  /// The pixels of a PNG that lies in memory, as samples of 8 bits: `bands` a pixel, rows from top to
  /// bottom without padding; of 16 bits the upper eight are given. Colours are those stored.
  package static func decode(
    png bytes: [UInt8], cancellation: Cancellation = Cancellation()
  ) throws(VipsError) -> (samples: [UInt8], width: Int, height: Int, bands: Int) {
    try VipsLibrary.start()
    let decoded = bytes.withUnsafeBytes {
      buffer -> Result<(samples: [UInt8], width: Int, height: Int, bands: Int), VipsError> in
      // The bytes stay where they are for as long as the picture is used.
      let (start, count) = (buffer.baseAddress, buffer.count)
      let origin = Origin(loader: .png, cancellation: cancellation) {
        start.flatMap {
          swapline_vips_load_png_bytes($0, count, VIPS_ACCESS_SEQUENTIAL, VIPS_FAIL_ON_ERROR)
        }
      }
      do throws(VipsError) {
        let stored = try origin.image("pngload_buffer")
        let image =
          stored.isEightBit ? stored : try stored.derive("msb") { swapline_vips_upper_bits($0) }
        return .success((try image.samples(), image.width, image.height, image.bands))
      } catch {
        return .failure(error)
      }
    }
    return try decoded.get()
  }
}
