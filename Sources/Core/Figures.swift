/// Numbers as people read them.
public enum Figures {
  /// A whole number with its thousands apart.
  public static func grouped(_ number: Int) -> String {
    var digits = Array(String(abs(number)))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  /// At most two decimals.
  public static func short(_ value: Double) -> String {
    let hundredths = (value * 100).rounded() / 100
    return Int(exactly: hundredths).map { grouped($0) } ?? "\(hundredths)"
  }

  /// Seconds as people say them.
  public static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
    if whole < 172_800 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
    return "\(whole / 86_400) days"
  }
}
