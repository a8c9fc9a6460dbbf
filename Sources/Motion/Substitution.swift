import AV
import Core
import Imaging
import Processing

/// Puts stills in the place of frames, at the frames' own size.
final class StillFrameSource: FrameFilter {
  private let files: [String]
  private let order: [Int?]
  private let name: String
  private let limits: DecodingGuard
  private let cancellation: Cancellation
  private var number = 0
  /// The last one; frames that are equal stand beside one another as a rule.
  private var last: (place: Int, frame: Frame)?

  init(
    files: [String], order: [Int?], name: String, limits: DecodingGuard, cancellation: Cancellation
  ) {
    self.files = files
    self.order = order
    self.name = name
    self.limits = limits
    self.cancellation = cancellation
  }

  func apply(_ samples: UnsafeMutableRawBufferPointer, width: Int, height: Int) throws -> Bool {
    guard order.indices.contains(number) else {
      throw SwaplineError(.internal, "\(name) has more frames than it had when taken apart.")
    }
    let place = order[number]
    number += 1
    guard let place else { return false }
    guard files.indices.contains(place) else {
      throw SwaplineError(.internal, "There is no picture \(place) for a frame of \(name).")
    }
    let frame = last?.place == place ? last?.frame : nil
    let wanted = try frame ?? read(files[place], width: width, height: height)
    last = (place, wanted)
    samples.copyMemory(from: UnsafeRawBufferPointer(wanted.pixels))
    return true
  }

  func check() throws {
    guard number == order.count else {
      throw SwaplineError(
        .internal, "\(name) has \(number) frames, and \(order.count) when taken apart.")
    }
  }

  private func read(_ file: String, width: Int, height: Int) throws -> Frame {
    let picture = try ImagingService().pixels(
      of: file, limits: limits, cancellation: cancellation)
    let frame = Frame(width: picture.width, height: picture.height)
    for pixel in 0..<picture.width * picture.height {
      for k in 0..<3 { frame.pixels[pixel * 4 + k] = picture.rgb[pixel * 3 + k] }
      frame.pixels[pixel * 4 + 3] = picture.alpha?[pixel] ?? 255
    }
    return try frame.scaled(width: width, height: height)
  }
}

/// Puts the pictures of a video in the place of frames: the one that it shows at each frame's middle.
final class VideoFrameSource: FrameFilter {
  private let reader: any FrameReader
  private let times: [Int64]
  private let name: String
  private var number = 0
  private var shown: Frame?
  private var ahead: Frame?

  init(_ video: MovingPicture, times: [Int64]) throws {
    reader = try video.reader()
    name = video.name
    self.times = times
    ahead = try reader.next()
  }

  func apply(_ samples: UnsafeMutableRawBufferPointer, width: Int, height: Int) throws -> Bool {
    let time = number < times.count ? times[number] : .max
    number += 1
    while let next = ahead, shown == nil || next.start <= time {
      shown = next
      ahead = try reader.next()
    }
    guard let shown else {
      throw SwaplineError(
        .damaged, "\(name) shows no picture.", hint: "Ask the provider about the task.")
    }
    let frame = try shown.scaled(width: width, height: height)
    for pixel in 0..<width * height {
      // A video has no opacity: the frame keeps its own.
      for k in 0..<3 { samples[pixel * 4 + k] = frame.pixels[pixel * 4 + k] }
    }
    return true
  }

  func check() throws {}
}

extension MovingPicture {
  /// The middle of each frame, in microseconds. Of animations only, whose delays are known.
  func middles() -> [Int64] {
    guard case .animation(let animation) = source else { return [] }
    var time: Int64 = 0
    return animation.delays.map { delay in
      defer { time += Int64(delay) * 1_000 }
      return time + Int64(delay) * 500
    }
  }
}
