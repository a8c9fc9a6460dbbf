import Core
import Processing
import Vips

/// What is done to the pixels of a rendition that has its size.
package struct PixelOperations {
  private let operations: [PixelOperation]
  private let cancellation: Cancellation

  /// These, one after the other.
  package init(_ operations: [PixelOperation], cancellation: Cancellation) {
    self.operations = operations
    self.cancellation = cancellation
  }

  /// The picture after all of them: 8 bits a sample, gray or sRGB, with opacity only where it had one.
  func applied(to picture: Image) throws -> Image {
    let size = Size(picture.width, picture.height)
    return try operations.reduce(picture) { picture, operation in
      do {
        return try made(operation, of: picture, size)
      } catch let error as VipsError where error.kind != .pixels {
        // Stopped, or out of memory, as anywhere else.
        return try computing { throw error }
      } catch let error as VipsError {
        throw SwaplineError(
          .usage,
          "libvips cannot apply '\(operation.name)': \(Reason.text(error.detail, or: "it does not say why")).",
          hint: "Operations and their arguments are those of libvips \(VipsLibrary.version).")
      }
    }
  }

  /// The samples of a frame after all of them, which keep its size: RGBA of 8 bits, rows from top to
  /// bottom without gaps.
  package func applied(
    to samples: UnsafeRawBufferPointer, width: Int, height: Int
  ) throws -> [UInt8] {
    try cancellation.check()
    let made = try computing {
      let frame = try Image.fromSamples(
        Array(samples), width: width, height: height, bands: 4, cancellation: cancellation)
      return try applied(to: frame).toPlainSRGB().withAlpha()
    }
    guard made.width == width, made.height == height else {
      throw SwaplineError(
        .usage, "A frame of \(width)x\(height) pixels would become \(made.width)x\(made.height).",
        hint: "Operations that change the size are for still pictures.")
    }
    return try computing { try made.samples() }
  }

  /// Colours and opacity apart: an operation on numbers knows nothing of what the last band means.
  private func made(_ operation: PixelOperation, of picture: Image, _ size: Size) throws -> Image {
    guard picture.hasAlpha else { return try computed(operation, of: picture, size) }
    let colors = try computed(operation, of: picture.bands(0, count: picture.bands - 1), size)
    let opacity = try picture.bands(picture.bands - 1, count: 1)
    let isSameSize = (colors.width, colors.height) == (picture.width, picture.height)
    return try colors.joined(
      with: isSameSize ? opacity : computed(operation, of: opacity, size)
    ).understood(as: colors.bands < 3 ? .gray : .rgb)
  }

  /// `size` is the rendition's before the first operation.
  private func computed(
    _ operation: PixelOperation, of picture: Image, _ size: Size
  ) throws -> Image {
    let arguments = operation.arguments.sorted { $0.key < $1.key }.map { name, value in
      switch value {
      case .text(let text): (name, text)
      case .width(let factor): (name, "\(Int((factor * Double(size.width)).rounded()))")
      case .height(let factor): (name, "\(Int((factor * Double(size.height)).rounded()))")
      }
    }
    // Computed at once, so that an error is this operation's.
    let made = try picture.operated(operation.name, arguments).inMemory()
    let plain = made.isEightBit ? made : try made.toPlainSRGB()
    return plain.hasAlpha ? try plain.bands(0, count: plain.bands - 1) : plain
  }
}
