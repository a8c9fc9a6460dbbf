/// The version of the library and the command.
public enum SwaplineVersion {
  /// Semantic version, as in the repository's tags.
  public static let text = "0.1.0"
}
