import AV
import Core
import Imaging
import Processing

/// Takes a moving picture apart into the frames that differ.
struct FrameExtractor {
  let picture: MovingPicture
  let output: String?
  let cancellation: Cancellation
  var meter: MediaProgress.Meter?

  func split() throws -> ExtractFramesAnswer {
    let reader = try picture.reader()
    var places: [Digest: Int] = [:]
    var answer = ExtractFramesAnswer(frames: [], order: [])
    while let frame = try reader.next() {
      try cancellation.check()
      meter?.note(frame.start, of: picture.duration)
      var digester = Digester()
      digester.update(UnsafeRawBufferPointer(frame.pixels))
      let digest = digester.finish()
      if let place = places[digest] {
        answer.order.append(place)
        continue
      }
      places[digest] = places.count
      answer.order.append(places.count - 1)
      guard let output else { continue }
      answer.frames.append(try write(frame, to: "\(output)-\(places.count - 1).png"))
    }
    return answer
  }

  private func write(_ frame: Frame, to path: String) throws -> Rendered {
    let count = frame.width * frame.height
    let isOpaque = frame.isOpaque
    var rgb = [UInt8](repeating: 0, count: count * 3)
    var alpha: [UInt8]? = isOpaque ? nil : [UInt8](repeating: 0, count: count)
    rgb.withUnsafeMutableBufferPointer { target in
      for pixel in 0..<count {
        for k in 0..<3 { target[pixel * 3 + k] = frame.pixels[pixel * 4 + k] }
      }
    }
    if !isOpaque { for pixel in 0..<count { alpha?[pixel] = frame.pixels[pixel * 4 + 3] } }
    var pixels = PixelPicture(width: frame.width, height: frame.height, rgb: rgb)
    pixels.alpha = alpha
    let media = try ImagingService().write(
      pixels, to: path, format: .png, quality: nil, cancellation: cancellation)
    return Rendered(file: path, media: media, changes: [])
  }
}

extension MotionService {
  /// Takes a video or an animation apart. Throws `SwaplineError` of code `usage` for a still.
  package func split(_ request: ExtractFramesRequest, cancellation: Cancellation) throws
    -> ExtractFramesAnswer
  {
    try moving(request.file, request.decoding, cancellation) { picture in
      try FrameExtractor(
        picture: picture, output: request.output, cancellation: cancellation, meter: meter
      ).split()
    }
  }

  /// Puts pictures in the place of the frames of a video or an animation.
  package func join(_ request: ReplaceFramesRequest, cancellation: Cancellation) throws -> Rendered
  {
    try moving(request.original, request.decoding, cancellation) { picture in
      let retoucher = FrameEditor(
        picture: picture, output: request.output, format: request.format, quality: nil,
        cancellation: cancellation, meter: meter)
      switch request.pictures {
      case .stills(let files, let order):
        return try retoucher.write(
          StillFrameSource(
            files: files, order: order, name: picture.name, limits: request.decoding,
            cancellation: cancellation))
      case .video(let path):
        return try moving(path, request.decoding, cancellation) { video in
          try retoucher.write(VideoFrameSource(video, times: picture.middles()))
        }
      }
    }
  }

  private func moving<Result>(
    _ path: String, _ limits: DecodingGuard, _ cancellation: Cancellation,
    _ body: (MovingPicture) throws -> Result
  ) throws -> Result {
    guard
      let picture = try MovingPicture(
        path, limits: limits, cancellation: cancellation)
    else {
      throw SwaplineError(
        .usage, "\(path.split(separator: "/").last ?? "") is a still picture.",
        hint: "A bridge carries GIFs and videos only.")
    }
    return try body(picture)
  }
}
