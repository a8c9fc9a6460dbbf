/// Why a file's structure could not be followed, so that nothing can be said of what it carries.
package struct StructureError: Error, Hashable {
  /// What was found where, without a full stop: `the JPEG segment at byte 20 runs past the end of the file`.
  package let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}
