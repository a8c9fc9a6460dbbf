import CVips

/// libvips as a whole: started when first needed, and what this installation of it can do.
package enum VipsLibrary {
  /// Starts libvips once; later calls cost nothing.
  ///
  /// Loaders that libvips itself calls untrusted are blocked, computed pictures are not kept, and
  /// one picture is computed by one thread: whoever wants more pictures at once runs more lanes or
  /// workers. These settings hold for the whole process.
  package static func start() throws(VipsError) {
    guard started else {
      throw VipsError(.startUp, operation: "vips_init", detail: "libvips could not be started")
    }
  }

  /// The version of the installed libvips, such as `8.14.1`.
  package static var version: String {
    "\(vips_version(0)).\(vips_version(1)).\(vips_version(2))"
  }

  /// Whether the installed libvips has an operation that is not blocked, such as `heifload`.
  package static func hasOperation(_ name: String) throws(VipsError) -> Bool {
    try start()
    return swapline_vips_has_operation(name) != 0
  }

  /// Lets the loader called `name`, and the saver that belongs to it, through although libvips calls it
  /// untrusted; nothing happens where there is none.
  package static func allow(_ name: String) throws(VipsError) {
    try start()
    swapline_vips_allow(name)
    swapline_vips_allow(name.replacing("load", with: "save"))
  }

  private static let started: Bool = {
    swapline_vips_silence()
    guard vips_init("swapline") == 0 else { return false }
    // Only after vips_init: before it, this call aborts.
    vips_block_untrusted_set(1)
    vips_cache_set_max(0)
    vips_concurrency_set(1)
    return true
  }()
}
