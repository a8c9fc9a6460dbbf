/// What went wrong with one item, as a value: a code to act on, a sentence to read, a remedy.
public struct SwaplineError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kinds of failure, by what the person or the program should do about them.
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    /// The caller asked for something that makes no sense; changing the call helps.
    case usage
    /// A pipeline file or composition has findings of severity error.
    case invalidPipeline
    /// A file, page or task is not there.
    case notFound
    /// Bytes that are not the media they should be: empty, truncated, damaged.
    case damaged
    /// A kind of media that this stage, provider or installation does not take.
    case unsupported
    /// A limit on bytes, pixels, sides, frames or seconds is passed.
    case limit
    /// A rule of `validate` is not met.
    case rejected
    /// No usable face, or not the face that was asked for.
    case noFace
    /// The local engine could do it only badly, so it does not do it.
    case refusedByEngine
    /// The address may not be fetched: not public, or a scheme that is not allowed.
    case forbiddenAddress
    /// Name resolution, connection or transfer failed; trying again may help.
    case network
    /// A deadline passed.
    case timeout
    /// The provider does not know the key.
    case unauthorized
    /// What may be spent is spent.
    case budget
    /// The account has too few credits.
    case insufficientCredits
    /// The provider refused the request and charged nothing.
    case refusedByProvider
    /// The provider asks for fewer requests.
    case rateLimited
    /// The provider is down or in maintenance.
    case unavailable
    /// The provider took the task and could not do it.
    case generationFailed
    /// Whether the provider took the task is unknown: it may have charged.
    case ambiguous
    /// A media worker ended while it worked on this item.
    case workerCrashed
    /// The disk is full, or a folder cannot be written.
    case storage
    /// The run was stopped.
    case cancelled
    /// A fault of Swapline itself.
    case `internal`
  }

  /// What kind of failure it is.
  public var code: Code
  /// A full sentence that names what was found and what was wanted.
  public var message: String
  /// What to do about it; nil when the message says so already.
  public var hint: String?
  /// The identifier of the item that it happened to, once known.
  public var item: String?
  /// Where: a stage, a file, an address.
  public var place: String?

  /// An error with a code and a sentence; `hint` says what to do.
  public init(
    _ code: Code, _ message: String, hint: String? = nil, item: String? = nil, place: String? = nil
  ) {
    self.code = code
    self.message = message
    self.hint = hint
    self.item = item
    self.place = place
  }

  /// The same error, said to have happened at `place`, unless it names one already.
  public func at(_ place: String) -> SwaplineError {
    var copy = self
    copy.place = copy.place ?? place
    return copy
  }

  /// The same error with `file`, a file of our own making, called what the user calls it.
  public func naming(_ file: String, _ name: String) -> SwaplineError {
    guard let own = file.split(separator: "/").last else { return self }
    var copy = self
    copy.message = copy.message.replacing(file, with: name).replacing(own, with: name)
    copy.hint = copy.hint?.replacing(file, with: name).replacing(own, with: name)
    return copy
  }

  /// The same error, said to have happened to `item`, unless it names one already.
  public func of(item: String) -> SwaplineError {
    var copy = self
    copy.item = copy.item ?? item
    return copy
  }

  /// One line: item, place, message and hint, those that are known.
  public var description: String {
    var text = ""
    if let item { text += "\(item): " }
    if let place { text += "\(place): " }
    text += message
    if let hint { text += " " + hint }
    return text
  }
}
