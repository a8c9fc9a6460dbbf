/// An amount of credits, exact to a thousandth, so that sums never drift.
package struct Credits: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The amount in thousandths of a credit.
  package let thousandths: Int64

  /// An amount in thousandths of a credit.
  package init(thousandths: Int64) {
    self.thousandths = thousandths
  }

  /// A whole number of credits.
  package static func whole(_ count: Int64) -> Credits { Credits(thousandths: count * 1_000) }

  /// No credits.
  package static let zero = Credits(thousandths: 0)

  /// Reads `20` or `0.125`: not negative, at most three decimals, below a million million; nil when
  /// `text` is anything else.
  package init?(parsing text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first, (1...2).contains(parts.count), (1...12).contains(whole.count),
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let units = Int64(whole)
    else { return nil }
    var fraction: Int64 = 0
    if parts.count == 2 {
      guard parts[1].utf8.count <= 3,
        let digits = Int64(parts[1] + String(repeating: "0", count: 3 - parts[1].utf8.count))
      else { return nil }
      fraction = digits
    }
    thousandths = units * 1_000 + fraction
  }

  /// The amount as a number for JSON.
  package var number: Double { Double(thousandths) / 1_000 }

  package static func < (a: Credits, b: Credits) -> Bool { a.thousandths < b.thousandths }

  package static func - (a: Credits, b: Credits) -> Credits {
    Credits(thousandths: a.thousandths - b.thousandths)
  }

  /// The shortest exact form: `20`, `0.125`.
  package var description: String {
    let whole = abs(thousandths) / 1_000
    let fraction = abs(thousandths) % 1_000
    let sign = thousandths < 0 ? "-" : ""
    guard fraction != 0 else { return "\(sign)\(whole)" }
    var digits = String(1_000 + fraction).dropFirst()
    while digits.hasSuffix("0") { digits = digits.dropLast() }
    return "\(sign)\(whole).\(digits)"
  }
}
