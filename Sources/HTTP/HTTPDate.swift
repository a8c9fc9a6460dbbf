/// Dates as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT` and the two
/// older forms that every receiver must read.
package enum HTTPDate {
  /// Seconds since 1970; nil for what is not a date. `now`, in the same seconds, settles the century
  /// of a year of two digits.
  package static func parse(_ text: String, now: Int64 = 0) -> Int64? {
    let words = text.split { " ,-".contains($0) }.map(String.init)
    guard words.count >= 4 else { return nil }
    // asctime: the month comes before the day, the year last.
    if Int(words[0]) == nil, let month = month(words[1]), words.count == 5 {
      return seconds(year: words[4], month: month, day: words[2], time: words[3], now)
    }
    let rest = Int(words[0]) == nil ? words.dropFirst() : words[...]
    guard (4...5).contains(rest.count), let month = month(rest[rest.startIndex + 1]) else {
      return nil
    }
    let zone = rest.count == 5 ? rest[rest.startIndex + 4].uppercased() : "GMT"
    guard ["GMT", "UTC", "UT", "Z", "+0000"].contains(zone) else { return nil }
    return seconds(
      year: rest[rest.startIndex + 2], month: month, day: rest[rest.startIndex],
      time: rest[rest.startIndex + 3], now)
  }

  private static func month(_ text: String) -> Int? {
    let names = [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    return names.firstIndex(of: text.lowercased()).map { $0 + 1 }
  }

  private static func seconds(
    year text: String, month: Int, day: String, time: String, _ now: Int64
  ) -> Int64? {
    let parts = time.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
    guard var year = Int64(text), let day = Int64(day), (1...31).contains(day), parts.count == 3,
      let hour = parts[0], let minute = parts[1], let second = parts[2],
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second),
      (0...9_999).contains(year)
    else { return nil }
    func total(_ year: Int64) -> Int64 {
      ((days(year, Int64(month), day) * 24 + hour) * 60 + minute) * 60 + second
    }
    if text.count == 2 {
      year += 2_000
      // More than 50 years ahead means the past (RFC 9110, section 5.6.7).
      if total(year) > now + 50 * 31_556_952 { year -= 100 }
    }
    return total(year)
  }

  /// Days from 1970-01-01 in the Gregorian calendar; the year is counted from March, so that the leap
  /// day is its last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

extension HTTPHeaders {
  /// How many seconds `Retry-After` asks to wait, from 0; nil without a field that can be read.
  ///
  /// A date is counted from the answer's own `Date`, so that a clock that is wrong here or there does
  /// not matter, else from `now`, in seconds since 1970.
  package func retryAfter(now: Int64) -> Int64? {
    guard let text = self["Retry-After"] else { return nil }
    if let seconds = Double(text), seconds.isFinite {
      return Int64(min(max(0, seconds.rounded(.up)), 1e9))
    }
    guard let date = HTTPDate.parse(text, now: now) else { return nil }
    let sent = self["Date"].flatMap { HTTPDate.parse($0, now: now) } ?? now
    return max(0, date - sent)
  }
}
