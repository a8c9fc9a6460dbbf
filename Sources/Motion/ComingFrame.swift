/// A frame that was decoded, and is turned into colours and upright when somebody asks for it: beside the decoding of
/// the next one, where that is another thread.
struct ComingFrame {
  /// When it is shown, in microseconds.
  let start: Int64
  private let make: () throws -> Frame

  /// A frame that `make` makes.
  init(start: Int64, _ make: @escaping () throws -> Frame) {
    self.start = start
    self.make = make
  }

  /// A frame that is there.
  init(_ frame: Frame) {
    self.init(start: frame.start) { frame }
  }

  /// The frame; made anew each time.
  func made() throws -> Frame { try make() }
}
