import Core
import GIF
import Processing
import Vips
import WebP

/// Gives the frames of an animation, whole: earlier ones are composed into them. Memory is that of a
/// few frames. Not `Sendable`: one thread at a time.
package final class FrameSource {
  private enum Reader {
    case gif(GIFFrames)
    case png(PNGFrames)
    case webp(AnimationDecoder)
  }

  /// Columns of every frame.
  package let width: Int
  /// Rows of every frame.
  package let height: Int
  private let file: SourceFile
  private let reader: Reader
  private let count: Int
  private let cancellation: Cancellation
  private var number = 0

  /// The frames of the file behind `header`; nil where it has none but its one picture. Once
  /// `cancellation` was asked to stop, reading ends with `CancellationError`, also in the middle of a
  /// GIF's or PNG's frame.
  init?(_ header: Header, cancellation: Cancellation) throws {
    guard let table = header.table else { return nil }
    let file = header.file
    (self.file, self.cancellation) = (file, cancellation)
    (width, height, count) = (table.width, table.height, table.delays.count)
    reader = try Self.translating(file) {
      if let facts = header.gif {
        return .gif(try GIFFrames(file.path, facts, isStopped: { cancellation.isCancelled }))
      }
      if let png = header.png {
        return .png(try PNGFrames(file, png, cancellation: cancellation))
      }
      let decoder = try AnimationDecoder(file.bytes())
      guard decoder.width == table.width, decoder.height == table.height else {
        throw damaged(file, "is damaged: its canvas has two sizes")
      }
      return .webp(decoder)
    }
  }

  /// Writes the next frame into `samples`: RGBA of 8 bits with straight alpha, rows from top to bottom
  /// without gaps. False behind the last one; fewer frames than the file announced are damage.
  package func next(into samples: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard number < count else { return false }
    try cancellation.check()
    let isThere = try Self.translating(file, frame: number + 1) {
      switch reader {
      case .gif(let frames): try frames.next(into: samples)
      case .png(let frames): try frames.next(into: samples)
      case .webp(let decoder): try decoder.next(into: samples)
      }
    }
    guard isThere else {
      throw damaged(file, "is cut off: \(number) of its \(count) frames are there")
    }
    number += 1
    return true
  }

  private static func translating<Result>(
    _ file: SourceFile, frame: Int? = nil, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as GIFError {
      throw translated(error, file)
    } catch let error as WebPError {
      let place = frame.map { " in frame \($0)" } ?? ""
      throw damaged(
        file, "is damaged\(place): \(Reason.text(error.detail, or: "its pixels cannot be decoded"))"
      )
    } catch let error as VipsError {
      if error.kind == .interrupted { throw CancellationError() }
      let place = frame.map { " in frame \($0)" } ?? ""
      let detail = Reason.text(error.detail, or: "its pixels cannot be decoded")
      throw damaged(file, "is damaged\(place): \(detail)")
    }
  }

  /// The error of a GIF that could not be read.
  static func translated(_ error: GIFError, _ file: SourceFile) -> any Error {
    switch error.kind {
    case .cutOff, .damaged: damaged(file, error.detail)
    case .unreadable(let code): FileDigest.unreadable(file.path, code)
    case .interrupted: CancellationError()
    }
  }
}

/// A file that moves, whose facts were read and found to be within guards.
package struct AnimatedFile {
  /// Its facts.
  package let media: Media
  private let header: Header

  fileprivate init(_ header: Header, _ media: Media) {
    (self.header, self.media) = (header, media)
  }

  /// Its frames from the first one on. `cancellation` reaches the frame that is being decoded.
  package func frames(_ cancellation: Cancellation) throws -> FrameSource {
    guard
      let source = try FrameSource(header, cancellation: cancellation)
    else {
      throw SwaplineError(.internal, "\(header.file.name) has frames that cannot be read.")
    }
    return source
  }
}

extension ImagingService {
  /// Opens an animation; nil for a still picture. Damage in its pixels shows when frames are read.
  package func animation(
    _ path: String, limits: DecodingGuard, cancellation: Cancellation
  ) throws -> AnimatedFile? {
    let header = try Header.read(path, limits: limits)
    guard header.frames > 1 else { return nil }
    return AnimatedFile(header, try Prober(cancellation: cancellation).media(of: header))
  }
}

extension Header {
  /// The first frame of what may move, without opacity where it has none.
  func firstFrame(cancellation: Cancellation) throws -> Image {
    guard let frames = try FrameSource(self, cancellation: cancellation) else {
      throw SwaplineError(.internal, "\(file.name) has no frames.")
    }
    var samples = [UInt8](repeating: 0, count: frames.width * frames.height * 4)
    _ = try samples.withUnsafeMutableBytes { try frames.next(into: $0) }
    let whole = try Image.fromSamples(
      samples, width: frames.width, height: frames.height, bands: 4, cancellation: cancellation)
    let isOpaque = stride(from: 3, to: samples.count, by: 4).allSatisfy { samples[$0] == 255 }
    let image = isOpaque ? try whole.bands(0, count: 3).inMemory() : whole
    return orientation > 1 ? try image.oriented(orientation) : image
  }
}
