/// The frames of a GIF, composed as browsers show them, one after the other: what no frame covers is
/// clear, and the background colour of the header is not drawn.
///
/// Disposals are those of the GIF89a specification, section 23; 4 to 7, which it reserves, leave what
/// is there. Memory is that of the canvas and one frame. Not `Sendable`: one thread at a time.
package final class GIFFrames {
  private let stream: GIFStream
  private let width: Int
  private let height: Int
  private let canvas: UnsafeMutableBufferPointer<UInt32>
  /// The frame's places in its palette, as stored.
  private var stored: [UInt8] = []
  private var number = 0
  /// What is to be done before the next frame.
  private var pending: (place: GIFPlace, disposal: Int)?
  /// What was there before the frame that is shown, in its area; empty where it is not needed.
  private var saved: [UInt32] = []

  /// The frames of the file at `path`, whose facts were read and found to be within limits.
  package init(
    _ path: String, _ facts: GIFFacts, isStopped: @escaping () -> Bool = { false }
  ) throws(GIFError) {
    (width, height) = (facts.width, facts.height)
    stream = try GIFStream(path, isStopped: isStopped)
    canvas = .allocate(capacity: facts.width * facts.height)
    canvas.initialize(repeating: 0)
  }

  deinit {
    canvas.deallocate()
  }

  /// Copies the next frame into `samples`: RGBA of 8 bits with straight alpha, rows from top to bottom
  /// without gaps. False behind the last one.
  package func next(into samples: UnsafeMutableRawBufferPointer) throws(GIFError) -> Bool {
    guard try compose() else { return false }
    samples.copyMemory(from: UnsafeRawBufferPointer(canvas))
    return true
  }

  private func compose() throws(GIFError) -> Bool {
    var control = GIFControl()
    while true {
      let block: GIFStream.Block
      do {
        block = try stream.next()
      } catch {
        // The facts were read: what is missing is the end marker alone.
        if error.kind == .cutOff, stream.isBetweenBlocks { return false }
        throw located(error)
      }
      switch block {
      case .control(let next): control = next
      case .image(let place):
        try show(place, control)
        return true
      case .application, .other: continue
      case .end: return false
      }
    }
  }

  private func show(_ place: GIFPlace, _ control: GIFControl) throws(GIFError) {
    number += 1
    dispose()
    let area = visible(place)
    saved = control.disposal == 3 ? copy(area) : []
    pending = (area, control.disposal)
    if stored.count < place.count { stored = [UInt8](repeating: 0, count: place.count) }
    do {
      try decode(place.count)
    } catch {
      throw located(error)
    }
    draw(place, area, control.clear)
  }

  private func decode(_ count: Int) throws(GIFError) {
    let failure = stored.withUnsafeMutableBufferPointer { buffer -> GIFError? in
      do throws(GIFError) {
        try stream.decodePixels(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  private func located(_ error: GIFError) -> GIFError {
    switch error.kind {
    case .cutOff: GIFError(.cutOff, "is cut off in frame \(number): \(error.detail)")
    case .damaged: GIFError(.damaged, "is damaged in frame \(number): \(error.detail)")
    case .unreadable, .interrupted: error
    }
  }

  /// The part of a frame that lies on the canvas; it may have no pixels.
  private func visible(_ place: GIFPlace) -> GIFPlace {
    let left = min(place.left, width)
    let top = min(place.top, height)
    return GIFPlace(
      left: left, top: top, width: min(place.left + place.width, width) - left,
      height: min(place.top + place.height, height) - top, isInterlaced: place.isInterlaced)
  }

  private func dispose() {
    guard let (area, disposal) = pending, area.width > 0 else { return }
    switch disposal {
    case 2:
      for y in area.top..<area.top + area.height {
        let start = y * width + area.left
        canvas[start..<start + area.width].update(repeating: 0)
      }
    case 3:
      saved.withUnsafeBufferPointer { saved in
        for row in 0..<area.height {
          let start = (area.top + row) * width + area.left
          for x in 0..<area.width { canvas[start + x] = saved[row * area.width + x] }
        }
      }
    default: break
    }
  }

  private func copy(_ area: GIFPlace) -> [UInt32] {
    [UInt32](unsafeUninitializedCapacity: area.count) { buffer, count in
      for row in 0..<area.height {
        let start = (area.top + row) * width + area.left
        for x in 0..<area.width { buffer[row * area.width + x] = canvas[start + x] }
      }
      count = area.count
    }
  }

  private func draw(_ place: GIFPlace, _ area: GIFPlace, _ clear: Int?) {
    guard area.count > 0, let canvas = canvas.baseAddress else { return }
    stream.palette.withUnsafeBufferPointer { colors in
      stored.withUnsafeBufferPointer { stored in
        guard let colors = colors.baseAddress, let stored = stored.baseAddress else { return }
        var row = 0
        for y in Self.rows(place) {
          defer { row += 1 }
          guard y < area.height else { continue }
          let source = stored + row * place.width
          let target = canvas + (area.top + y) * width + area.left
          guard let clear else {
            for x in 0..<area.width { target[x] = colors[Int(source[x])] }
            continue
          }
          for x in 0..<area.width where Int(source[x]) != clear {
            target[x] = colors[Int(source[x])]
          }
        }
      }
    }
  }

  /// The rows of a frame in the order in which they are stored.
  private static func rows(_ place: GIFPlace) -> [Int] {
    guard place.isInterlaced else { return Array(0..<place.height) }
    // Source: GIF89a specification, appendix E.
    return [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { first, step in
      Array(stride(from: first, to: place.height, by: step))
    }
  }
}
