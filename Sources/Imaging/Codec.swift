import Core
import Vips

/// How libvips reads and writes one format.
struct Codec {
  /// The loader; nil where no trusted one exists.
  let loader: Loader?
  /// The longest side that the format can store, in pixels.
  let maximumSide: Int

  /// Every picture format that Swapline knows, by name.
  ///
  /// Sides: JPEG and GIF store 16 bits, WebP 14 (RFC 9649), PNG and TIFF more than libvips holds
  /// (10 million). libvips reads BMP only through ImageMagick, which it does not trust; `Bitmap` reads
  /// it. GIF is read by `GIFFrames`: libvips' reader loses canvases and passes over what is cut off.
  static let all: [String: Codec] = [
    "jpg": Codec(loader: .jpeg, maximumSide: 65_500),
    "png": Codec(loader: .png, maximumSide: 10_000_000),
    "webp": Codec(loader: .webp, maximumSide: 16_383),
    "gif": Codec(loader: nil, maximumSide: 65_535),
    "tiff": Codec(loader: .tiff, maximumSide: 10_000_000),
    "avif": Codec(loader: .heif, maximumSide: 16_384),
    "heic": Codec(loader: .heif, maximumSide: 16_384),
    "bmp": Codec(loader: nil, maximumSide: 65_535),
  ]

  /// The formats that are read without libvips.
  static let ownReaders: [MediaFormat] = [.gif, .bmp]

  /// The loader for `format`, or an error that says that there is none.
  static func loader(for format: MediaFormat, name: String) throws -> Loader {
    guard let loader = all[format.name]?.loader, try loader.isInstalled else {
      throw SwaplineError(
        .unsupported, "\(name) is a \(format.name), which the installed libvips does not read.",
        hint: "Convert it to jpg, png or webp first; `swapline doctor` lists what can be read.")
    }
    return loader
  }
}
