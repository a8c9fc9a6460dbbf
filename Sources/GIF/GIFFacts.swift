/// What the blocks of a GIF say, without a pixel being decoded.
package struct GIFFacts: Sendable, Hashable {
  /// Columns of the canvas: the header's, or more where the first frame reaches beyond it.
  package private(set) var width = 0
  /// Rows of the canvas.
  package private(set) var height = 0
  /// Each frame's delay in milliseconds, as stored.
  package private(set) var delays: [Int] = []
  /// How often it is played; 0 is for ever.
  package private(set) var plays = 1
  /// Whether a pixel of the canvas may be clear: one that no frame covers, that a frame leaves clear
  /// or that is cleared between two frames.
  package private(set) var mayBeClear = false
  /// Pixels of the largest frame, which may be larger than the canvas.
  package private(set) var largestFrame = 0
  /// The XMP packet; nil without one.
  package private(set) var xmp: [UInt8]?
  /// What a person should know of how the file is made, in short phrases.
  package private(set) var remarks: [String] = []

  /// Reads the blocks of the file at `path`, up to one frame more than `limit`.
  ///
  /// A file that ends inside of a block, or holds something else than blocks, throws: what was there
  /// to that place is in the error.
  package init(
    _ path: String, limit: Int = .max, isStopped: @escaping () -> Bool = { false }
  ) throws(GIFError) {
    let stream = try GIFStream(path, isStopped: isStopped)
    (width, height) = stream.screen
    var control = GIFControl()
    // Whether something of another frame was met, behind the last one.
    var hasBegun = false
    do throws(GIFError) {
      reading: while delays.count <= limit {
        switch try stream.next() {
        case .control(let next):
          control = next
          hasBegun = true
        case .image(let place):
          hasBegun = true
          try stream.skipPixels()
          take(place, control)
          control = GIFControl()
          hasBegun = false
        case .application(let name, let data): take(name, data)
        case .other: break
        case .end: break reading
        }
      }
    } catch {
      let count = delays.count
      let isWhole = stream.isBetweenBlocks && !hasBegun && count > 0
      guard error.kind == .cutOff, isWhole else {
        throw Self.located(error, whole: count, inFrame: hasBegun, stream.input.offset)
      }
      remarks.append("no end marker; every frame is there")
    }
    try check()
  }

  /// The area that is cleared before the next frame.
  private var cleared: GIFPlace?

  private mutating func take(_ place: GIFPlace, _ control: GIFControl) {
    let isOpaque = control.clear == nil
    if delays.isEmpty {
      let right = place.left + place.width
      let bottom = place.top + place.height
      if right > width || bottom > height {
        let header = "\(width)x\(height)"
        (width, height) = (max(width, right), max(height, bottom))
        remarks.append(
          "the first frame reaches beyond the canvas of \(header), which grows to "
            + "\(width)x\(height) as in browsers")
      }
      mayBeClear = !(isOpaque && place.covers(width, height))
    } else if let cleared {
      if !(isOpaque && place.covers(cleared)) { mayBeClear = true }
    }
    // Bringing back what was before the first frame clears the canvas.
    let clears = control.disposal == 2 || (control.disposal == 3 && delays.isEmpty)
    cleared = clears ? place : nil
    largestFrame = max(largestFrame, place.count)
    delays.append(control.delay * 10)
  }

  private mutating func take(_ name: [UInt8], _ data: [UInt8]) {
    // The count is that of repetitions: a file without it is played once.
    let isLoop = name == Array("NETSCAPE2.0".utf8) || name == Array("ANIMEXTS1.0".utf8)
    if isLoop, data.count >= 3, data[0] == 1 {
      let count = Int(data[1]) | Int(data[2]) << 8
      plays = count == 0 ? 0 : count + 1
    } else if name == Array("XMP DataXMP".utf8) {
      xmp = data
    }
  }

  private func check() throws(GIFError) {
    guard !delays.isEmpty else {
      throw GIFError(.damaged, "holds no frame")
    }
    guard width > 0, height > 0 else {
      throw GIFError(.damaged, "has a canvas of \(width)x\(height) pixels")
    }
  }

  private static func located(
    _ error: GIFError, whole: Int, inFrame: Bool, _ offset: Int
  ) -> GIFError {
    let before =
      switch whole {
      case 0: ""
      case 1: "; frame 1 is whole"
      default: "; the \(whole) frames before it are whole"
      }
    let place =
      inFrame
      ? "in frame \(whole + 1)" : whole == 0 ? "before its first frame" : "behind frame \(whole)"
    return switch error.kind {
    case .cutOff: GIFError(.cutOff, "is cut off \(place), at byte \(offset)\(before)")
    case .damaged: GIFError(.damaged, "is damaged \(place): \(error.detail)\(before)")
    case .unreadable, .interrupted: error
    }
  }
}

extension GIFPlace {
  /// Whether the frame covers a canvas of this size.
  func covers(_ width: Int, _ height: Int) -> Bool {
    left == 0 && top == 0 && self.width >= width && self.height >= height
  }

  /// Whether the frame covers the area of another.
  func covers(_ other: GIFPlace) -> Bool {
    left <= other.left && top <= other.top && left + width >= other.left + other.width
      && top + height >= other.top + other.height
  }
}
