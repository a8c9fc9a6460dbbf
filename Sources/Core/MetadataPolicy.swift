/// What happens to what a file carries beside its pixels, before it goes to others.
public enum MetadataPolicy: String, Sendable, Hashable, Codable, CaseIterable {
  /// Everything goes that is not needed to show the file, except whose it is, its licence, and how
  /// it came to be. Nothing is decoded for it.
  case strip
  /// A file that needs no other change goes on as it is, place and serial numbers included.
  case keep
}
