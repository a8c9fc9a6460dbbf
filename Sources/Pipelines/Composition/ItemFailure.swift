import Core

/// An item that cannot be run, such as a row of a list that makes no sense: what is known of it, and why.
public struct ItemFailure: Error, Sendable, Hashable {
  /// The item, as far as it can be read; its scene may be empty.
  public var item: Item
  /// Why it cannot be run.
  public var error: SwaplineError

  /// An item that cannot be run because of `error`.
  public init(_ item: Item, _ error: SwaplineError) {
    self.item = item
    self.error = error
  }
}

/// Where an item was written down.
public struct ItemOrigin: Sendable, Hashable, Codable {
  /// The list's absolute path; nil for one that cannot be read again, as standard input.
  public var list: String?
  /// The line that its row begins in, from 1.
  public var line: Int
  /// The start of the SHA-256 of the row's values, by which a changed row is known.
  public var digest: String

  /// A row of `list`.
  public init(list: String?, line: Int, digest: String) {
    self.list = list
    self.line = line
    self.digest = digest
  }
}
