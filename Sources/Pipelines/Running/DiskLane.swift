import Core

extension Lane {
  /// Where file operations that may take long are done.
  public static let disk = Lane(name: "disk", width: 4)
}
