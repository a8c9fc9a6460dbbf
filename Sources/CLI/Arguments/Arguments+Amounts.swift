import Core

extension Arguments {
  /// The option's amount of bytes; nil without the option.
  func size(_ name: String) throws(SwaplineError) -> ByteSize? {
    guard let text = last(name) else { return nil }
    guard let size = ByteSize(parsing: text) else {
      throw SwaplineError(
        .usage, "--\(name) is '\(text)', which is not a size.", hint: "Write for example 5GB.")
    }
    return size
  }

  /// The option's time; nil without the option.
  func time(_ name: String) throws(SwaplineError) -> TimeSpan? {
    guard let text = last(name) else { return nil }
    guard let time = TimeSpan(parsing: text) else {
      throw SwaplineError(
        .usage, "--\(name) is '\(text)', which is not a time.", hint: "Write for example 168h.")
    }
    return time
  }
}
