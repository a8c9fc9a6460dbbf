/// Days and months as budgets count them: in UTC, by seconds since 1970.
enum UTCDay {
  /// The first second of the day that `time` is in.
  static func start(_ time: Double) -> Double {
    time - time.truncatingRemainder(dividingBy: 86_400)
  }

  /// The first second of the month (UTC) that `time` is in, both in seconds since 1970.
  static func monthsStart(_ time: Double) -> Double {
    // Days since March of year 0, whose months' lengths repeat without leap days in between:
    // https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    let days = Int((time / 86_400).rounded(.down))
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    return Double(days - (dayOfYear - (153 * month + 2) / 5)) * 86_400
  }
}
