import Core

extension ThreadPool {
  /// Where file operations that may take long are done.
  public static let disk = ThreadPool(name: "disk", width: 4)
}
