import Core

/// Credits and money as people read them.
public enum Money {
  /// A charge: `3 credits`, `3 credits (0.006 USD)`.
  public static func text(_ charge: Charge) -> String {
    var text = "\(Figures.short(charge.credits)) credit\(charge.credits == 1 ? "" : "s")"
    if !charge.money.isEmpty { text += " (\(money(charge.money)))" }
    return text
  }

  /// Sums of money by currency: `0.006 USD, 1 EUR`.
  public static func money(_ sums: [String: Double]) -> String {
    sums.sorted { $0.key < $1.key }.map { "\(amount($0.value)) \($0.key)" }.joined(separator: ", ")
  }

  /// An amount of money: a swap costs fractions of a cent.
  private static func amount(_ value: Double) -> String {
    let text = "\((value * 10_000).rounded() / 10_000)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
