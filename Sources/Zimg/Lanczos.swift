import CZimg

/// Scales pictures of 8-bit samples with a Lanczos window of three lobes, on one thread.
package enum Lanczos {
  /// Rows and planes begin at multiples of it, in bytes: the widest vector.
  private static let alignment = 64

  /// Scales `source` into `target`: rows from top to bottom without gaps, `bands` samples a pixel, of
  /// which the first one (gray) or three (colours) are scaled; a fourth is set to 255. False where
  /// zimg cannot.
  package static func scale(
    _ source: UnsafeRawBufferPointer, width: Int, height: Int, bands: Int,
    into target: UnsafeMutableRawBufferPointer, width toWidth: Int, height toHeight: Int
  ) -> Bool {
    guard [1, 3, 4].contains(bands), source.count >= width * height * bands,
      target.count >= toWidth * toHeight * bands,
      let graph = swapline_zimg_lanczos(
        UInt32(width), UInt32(height), UInt32(toWidth), UInt32(toHeight), bands == 1 ? 1 : 0),
      let from = source.bindMemory(to: UInt8.self).baseAddress,
      let to = target.bindMemory(to: UInt8.self).baseAddress
    else { return false }
    defer { zimg_filter_graph_free(graph) }
    let input = Ring(graph, isInput: true, width: width, height: height)
    let output = Ring(graph, isInput: false, width: toWidth, height: toHeight)
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, swapline_zimg_scratch(graph)), alignment: alignment)
    defer { scratch.deallocate() }
    return swapline_zimg_run(
      graph, from, width, input.samples, input.stride, input.rows, to, toWidth, output.samples,
      output.stride, output.rows, UInt32(height), UInt32(toHeight), Int32(bands), scratch) != 0
  }

  /// The few rows of three colours, one after the other, that are worked on at a time: they stay in the
  /// processor's cache, where whole planes would cost memory twice.
  private final class Ring {
    let samples: UnsafeMutablePointer<UInt8>
    let stride: Int
    let rows: UInt32

    init(_ graph: OpaquePointer, isInput: Bool, width: Int, height: Int) {
      stride = (width + alignment - 1) / alignment * alignment
      rows = swapline_zimg_ring(graph, isInput ? 1 : 0, UInt32(height))
      let count = stride * Int(rows) * 3
      let raw = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: alignment)
      samples = raw.bindMemory(to: UInt8.self, capacity: count)
    }

    deinit {
      UnsafeMutableRawPointer(samples).deallocate()
    }
  }
}
