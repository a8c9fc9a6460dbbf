import AV
import Core
import Imaging
import Processing

/// A video or an animation, from which frames are taken by time.
struct MovingPicture {
  enum Source {
    case video(Video)
    case animation(Animation)
  }

  let source: Source
  /// How long it lasts, in microseconds.
  let duration: Int64
  let frames: Int
  let name: String
  let format: MediaFormat
  /// What the file says of whose it is and how it came to be.
  var rights: Rights? {
    switch source {
    case .video(let video): video.rights
    case .animation(let animation): animation.media.rights
    }
  }
  let cancellation: Cancellation

  /// Opens what lies at `path`; nil for a still picture.
  init?(
    _ path: String, limits: DecodingGuard, cancellation: Cancellation
  ) throws {
    let file = try SniffedFile(path)
    name = file.name
    self.cancellation = cancellation
    if file.isVideo {
      let video = try Video(path, limits: limits, cancellation: cancellation)
      source = .video(video)
      format = video.format
      duration = try video.pictureLength()
      frames = video.track.frames ?? 0
      return
    }
    guard
      let animation = try Animation(path, limits: limits, cancellation: cancellation)
    else { return nil }
    source = .animation(animation)
    format = animation.media.format
    duration = animation.duration
    frames = animation.media.frames
  }

  /// How many frames are shown, counted where the container does not say so.
  func countedFrames() throws -> Int {
    switch source {
    case .video(let video): try video.frames()
    case .animation: frames
    }
  }

  /// Its frames from the first one on, no side longer than `maximumSide` where videos can do that.
  func reader(maximumSide: Int? = nil) throws -> any FrameReader {
    switch source {
    case .video(let video): try VideoReader(video, maximumSide: maximumSide)
    case .animation(let animation): try animation.reader()
    }
  }

  /// Hands the frames that are shown at `times` (microseconds, rising) to `use`, in order.
  func frames(
    at times: [Int64], maximumSide: Int? = nil, keyFramesOnly: Bool = false,
    _ use: (_ index: Int, _ frame: ComingFrame) throws -> Void
  ) throws {
    let reader = try reader(maximumSide: maximumSide)
    if let video = reader as? VideoReader {
      for (index, time) in times.enumerated() {
        let found = try keyFramesOnly ? video.keyFrame(at: time) : video.frame(at: time)
        guard let frame = found else { throw nothing }
        try use(index, frame)
      }
      return
    }
    var index = 0
    var last: Frame?
    while index < times.count, let frame = try reader.next() {
      while index < times.count, times[index] < frame.start + frame.duration {
        try use(index, ComingFrame(frame))
        index += 1
      }
      last = frame
    }
    while index < times.count {
      guard let last else { throw nothing }
      try use(index, ComingFrame(last))
      index += 1
    }
  }

  private var nothing: SwaplineError {
    SwaplineError(
      .damaged, "\(name) (\(format)) holds no picture that can be decoded.",
      hint: "The file is cut off or damaged: download or export it again.")
  }
}
