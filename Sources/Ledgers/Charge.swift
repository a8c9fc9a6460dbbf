/// What swaps cost, in the providers' credits and in money where that is known.
public struct Charge: Sendable, Hashable, Codable {
  /// Credits.
  public var credits: Double
  /// Money by currency (ISO 4217).
  public var money: [String: Double]

  /// A charge.
  public init(credits: Double = 0, money: [String: Double] = [:]) {
    self.credits = credits
    self.money = money
  }
}
