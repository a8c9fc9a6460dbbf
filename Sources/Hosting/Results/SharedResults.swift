import Core

/// A place that all runs see, in which bought results lie under the digests of their bytes.
package protocol SharedResults: Sendable {
  /// Where it is, for people.
  var shown: String { get }

  /// Proves that the place is there and can be used, and makes it where it can be made. Throws `SwaplineError`.
  func check() async throws

  /// Puts the file at `path` there, whole or not at all; what is there already stays. Throws `SwaplineError`.
  func put(_ media: Media, from path: String) async throws

  /// Brings a result to `path`, where nothing stands yet, and says what was found.
  func take(_ media: Media, to path: String) async throws -> SharedResult

  /// Removes a result; whether it was there.
  func remove(_ media: Media) async throws -> Bool
}

/// What is found at a place of results.
package enum SharedResult: Sendable, Hashable {
  /// It was brought, its bytes as its digest says.
  case whole
  /// It is not there.
  case missing
  /// Its bytes are not those that its digest says. It was removed, so that a good one can take its place.
  case damaged
}

extension Media {
  /// The name of a result at a place of results, its folder by the first two digits: a million files in one
  /// folder are slow to find on many file systems.
  var sharedName: String { "\(digest.hex.prefix(2))/\(digest.hex).\(format.name)" }
}
