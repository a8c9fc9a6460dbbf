import AV
import Core

/// The frames of an animated PNG, composed by libavcodec.
final class PNGFrames {
  private let decoder: AV.Decoder
  private let scaler = Scaler()
  private let controls: [AnimatedPNG.Control]
  private let width: Int
  private let height: Int
  private var number = 0
  /// Which pixels were drawn, where the file has no opacity of its own: libavcodec clears to black
  /// then. Nil where nothing is to be added to what it gives.
  private var coverage: Coverage?

  /// The frames of `file`. `hasAlpha` says whether its pixels have opacity.
  init(_ file: SourceFile, _ png: AnimatedPNG, hasAlpha: Bool) throws {
    // Played once here, however often the file says.
    let input = try InputFile(
      file.path, format: "apng", options: ["ignore_loop": "1", "max_fps": "0", "default_fps": "0"],
      halt: Halt())
    guard let video = input.video else {
      throw AVError(.open, operation: "apng", detail: "there are no pictures")
    }
    decoder = try AV.Decoder(input, video, threads: 1)
    controls = png.controls
    (width, height) = (png.table.width, png.table.height)
    if !hasAlpha, png.table.mayBeClear { coverage = Coverage(width: width, height: height) }
  }

  /// Writes the next frame into `samples`; false behind the last one.
  func next(into samples: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard number < controls.count, let decoded = try decoder.next() else { return false }
    try scaler.scale(decoded, width: width, height: height, into: samples)
    if coverage != nil {
      coverage?.show(controls[number])
      coverage?.mask(samples)
    }
    number += 1
    return true
  }
}

/// Where opaque frames have drawn on a canvas that began clear.
private struct Coverage {
  private let width: Int
  private let height: Int
  private var drawn: [Bool]
  private var before: [Bool] = []
  private var last: AnimatedPNG.Control?

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    drawn = [Bool](repeating: false, count: width * height)
  }

  mutating func show(_ control: AnimatedPNG.Control) {
    if let last {
      // Bringing back what was before the first frame clears it.
      if last.dispose == 1 { fill(last, false) }
      if last.dispose == 2 { drawn = before }
    }
    if control.dispose == 2 { before = drawn }
    fill(control, true)
    last = control
  }

  private mutating func fill(_ area: AnimatedPNG.Control, _ value: Bool) {
    for y in area.top..<min(area.top + area.height, height) {
      for x in area.left..<min(area.left + area.width, width) { drawn[y * width + x] = value }
    }
  }

  /// Clears what was not drawn.
  func mask(_ samples: UnsafeMutableRawBufferPointer) {
    let pixels = samples.assumingMemoryBound(to: UInt32.self)
    for at in drawn.indices where !drawn[at] { pixels[at] = 0 }
  }
}
