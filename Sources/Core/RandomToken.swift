/// Names that nobody can guess.
public enum RandomToken {
  /// `count` bytes of the system's random numbers, as hexadecimal digits.
  public static func hex(bytes count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }.hexadecimal
  }
}
