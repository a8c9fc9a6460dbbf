/// Where the figures of a preset come from.
public struct PresetFacts: Sendable, Hashable {
  /// How sure they are.
  public enum Confidence: String, Sendable, Hashable {
    /// The shop says so itself.
    case high
    /// An older page of the shop, or several others that agree.
    case medium
    /// Advice, never a reason to reject.
    case low
  }

  /// A day of the Gregorian calendar.
  public struct Day: Sendable, Hashable, CustomStringConvertible {
    /// The year.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, 1 to 31.
    public let day: Int

    /// The day that is written as `2026-11-15`; nil for anything else.
    public init?(_ text: String) {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.map(\.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
        let day = Int(parts[2]), (1...12).contains(month), (1...31).contains(day)
      else { return nil }
      (self.year, self.month, self.day) = (year, month, day)
    }

    public var description: String {
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      return "\(year)-\(two(month))-\(two(day))"
    }

    /// Days since the first of January 1970, by the rules of the Gregorian calendar.
    public var number: Int {
      // March is the first month of such a year, so that the odd day stands at its end.
      let (shifted, years) = ((month + 9) % 12, month < 3 ? year - 1 : year)
      let leaps = years / 4 - years / 100 + years / 400
      return years * 365 + leaps + (shifted * 306 + 5) / 10 + day - 1 - 719_468
    }
  }

  /// Where they stand.
  public let source: String
  /// The day on which they were looked up.
  public let verified: Day
  /// How sure they are.
  public let confidence: Confidence

  /// Whether they were looked up more than a year before `seconds` since 1970.
  public func isOld(at seconds: Double) -> Bool {
    seconds / 86_400 - Double(verified.number) > 366
  }
}
