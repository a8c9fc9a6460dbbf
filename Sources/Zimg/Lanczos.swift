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
    let planes = bands == 1 ? 1 : 3
    let input = Planes(width: width, height: height, count: planes)
    let output = Planes(width: toWidth, height: toHeight, count: planes)
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, swapline_zimg_scratch(graph)), alignment: alignment)
    defer { scratch.deallocate() }
    input.fill(from, bands: bands)
    let status = swapline_zimg_run(
      graph, input.samples, input.stride, input.plane, output.samples, output.stride,
      output.plane, Int32(planes), scratch)
    guard status != 0 else { return false }
    output.copy(into: to, bands: bands)
    return true
  }

  /// Samples of one colour behind those of the next.
  private final class Planes {
    let samples: UnsafeMutablePointer<UInt8>
    let width: Int
    let height: Int
    let stride: Int
    let plane: Int
    let count: Int

    init(width: Int, height: Int, count: Int) {
      self.width = width
      self.height = height
      self.count = count
      stride = (width + alignment - 1) / alignment * alignment
      plane = stride * height
      let raw = UnsafeMutableRawPointer.allocate(byteCount: plane * count, alignment: alignment)
      samples = raw.bindMemory(to: UInt8.self, capacity: plane * count)
    }

    deinit {
      UnsafeMutableRawPointer(samples).deallocate()
    }

    func fill(_ source: UnsafePointer<UInt8>, bands: Int) {
      for y in 0..<height {
        let row = source + y * width * bands
        let red = samples + y * stride
        guard count == 3 else {
          red.update(from: row, count: width)
          continue
        }
        let (green, blue) = (red + plane, red + 2 * plane)
        for x in 0..<width {
          let pixel = row + x &* bands
          (red[x], green[x], blue[x]) = (pixel[0], pixel[1], pixel[2])
        }
      }
    }

    func copy(into target: UnsafeMutablePointer<UInt8>, bands: Int) {
      for y in 0..<height {
        let row = target + y * width * bands
        let red = samples + y * stride
        guard count == 3 else {
          row.update(from: red, count: width)
          continue
        }
        let (green, blue) = (red + plane, red + 2 * plane)
        for x in 0..<width {
          let pixel = row + x &* bands
          (pixel[0], pixel[1], pixel[2]) = (red[x], green[x], blue[x])
          if bands == 4 { pixel[3] = 255 }
        }
      }
    }
  }
}
