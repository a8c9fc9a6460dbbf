import CVips
import Cancelling

/// The file that a picture's pixels come from, which can be opened again.
final class Origin {
  /// The loader that reads it.
  let loader: Loader
  private let cancellation: Cancellation
  private let open: () -> UnsafeMutablePointer<VipsImage>?

  /// A file that `open` opens.
  init(
    loader: Loader, cancellation: Cancellation,
    open: @escaping () -> UnsafeMutablePointer<VipsImage>?
  ) {
    (self.loader, self.cancellation, self.open) = (loader, cancellation, open)
  }

  /// The picture in it.
  func image(_ operation: String) throws(VipsError) -> Image {
    LibraryCall.emptyText()
    guard let pointer = LibraryCall.run(open) else {
      throw VipsError.current(.open, operation, origin: self)
    }
    return Image(owning: pointer, cancellation: cancellation, origin: self)
  }

  /// What libvips says of the file when no other thread can write into its error text; empty when
  /// the file can be read, or when the work was interrupted.
  func textWhenReadAlone() -> String {
    LibraryCall.alone {
      vips_error_clear()
      if let image = open() {
        defer { g_object_unref(image) }
        guard !isReadable(image) else { return "" }
      }
      return LibraryCall.copiedText()
    }
  }

  private func isReadable(_ image: UnsafeMutablePointer<VipsImage>) -> Bool {
    guard let region = vips_region_new(image) else { return false }
    defer { g_object_unref(region) }
    let (width, height) = (vips_image_get_width(image), vips_image_get_height(image))
    for top in stride(from: 0, to: height, by: 8) {
      var area = VipsRect(left: 0, top: top, width: width, height: min(8, height - top))
      if cancellation.isCancelled { return true }
      guard vips_region_prepare(region, &area) == 0 else { return false }
    }
    return true
  }
}
