import Core

/// A file that a run shows to people.
package struct Published: Sendable, Hashable {
  /// Its path on this machine.
  package let path: String
  /// Its path below the run's folder.
  package let name: String
  /// Its facts; nil for a document.
  package let media: Media?
}
