import CVips
import Synchronization

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

  /// Whether the installed libvips has an operation that is not blocked, such as `heifload`. Modules are looked for too.
  package static func hasOperation(_ name: String) throws(VipsError) -> Bool {
    try start()
    if vips_type_find("VipsOperation", name) == 0 { loadModule(of: name) }
    return swapline_vips_has_operation(name) != 0
  }

  /// Lets the loader called `name`, and the saver that belongs to it, through although libvips calls it
  /// untrusted; nothing happens where there is none.
  package static func allow(_ name: String) throws(VipsError) {
    try start()
    let names = [name, name.replacing("load", with: "save")]
    modules.withLock { modules in
      modules.allowed += names
      for name in names { swapline_vips_allow(name) }
    }
  }

  private struct Modules {
    /// What is allowed although libvips calls it untrusted, in modules to come too.
    var allowed: [String] = []
    /// Modules that were loaded, or looked for in vain.
    var seen: Set<String> = []
  }

  private static let modules = Mutex(Modules())

  /// Loads the module that `heifload` and its like come from: one for each family of formats, by its name.
  private static func loadModule(of operation: String) {
    guard let end = operation.firstRange(of: "load") ?? operation.firstRange(of: "save") else {
      return
    }
    let name = String(operation[..<end.lowerBound])
    modules.withLock { modules in
      guard modules.seen.insert(name).inserted, swapline_vips_load_module(name) != 0 else { return }
      vips_block_untrusted_set(1)
      for name in modules.allowed { swapline_vips_allow(name) }
    }
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
