import CZimg

/// Scales luma and chroma of 8 bits, chroma at half the sides, with a bicubic curve: a third of libswscale's time.
/// Not `Sendable`: one thread at a time.
package final class Bicubic {
  /// A picture's three planes, luma first.
  package struct Planes {
    /// Columns and rows of luma, even.
    package let width: Int
    package let height: Int
    /// The first sample of each plane.
    package let samples: [UnsafeMutablePointer<UInt8>]
    /// The bytes from one row to the next of each plane.
    package let strides: [Int]

    package init(
      width: Int, height: Int, samples: [UnsafeMutablePointer<UInt8>], strides: [Int]
    ) {
      self.width = width
      self.height = height
      self.samples = samples
      self.strides = strides
    }

    /// Whether zimg can read and write them: its vectors take no odd address.
    fileprivate var isAligned: Bool {
      samples.count == 3 && strides.count == 3 && width % 2 == 0 && height % 2 == 0
        && strides.allSatisfy { $0 > 0 && $0 % 64 == 0 }
        && samples.allSatisfy { Int(bitPattern: $0) % 64 == 0 }
    }
  }

  private var shape: [Int] = []
  private var graph: OpaquePointer?
  private var scratch: UnsafeMutableRawPointer?

  /// A scaler that is set up with the first picture it sees.
  package init() {}

  deinit { clear() }

  /// Scales `source` into `target`; false where zimg cannot, and nothing was written.
  package func scale(_ source: Planes, into target: Planes) -> Bool {
    guard source.isAligned, target.isAligned else { return false }
    let wanted = [source.width, source.height, target.width, target.height]
    if wanted != shape { setUp(wanted) }
    guard let graph else { return false }
    let from = source.samples.map { UnsafePointer($0) }
    return swapline_zimg_planes(
      graph, from, source.strides, target.samples, target.strides, scratch) != 0
  }

  private func setUp(_ wanted: [Int]) {
    clear()
    shape = wanted
    let sides = wanted.map { UInt32($0) }
    guard let graph = swapline_zimg_bicubic(sides[0], sides[1], sides[2], sides[3]) else { return }
    self.graph = graph
    scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, swapline_zimg_scratch(graph)), alignment: 64)
  }

  private func clear() {
    if let graph { zimg_filter_graph_free(graph) }
    scratch?.deallocate()
    (graph, scratch) = (nil, nil)
  }
}
