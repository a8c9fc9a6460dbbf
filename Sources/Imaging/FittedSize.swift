import Core
import Processing

/// The largest size of a picture, an animation or a video within limits of sides and pixels, and which
/// of them asked for it.
package struct FittedSize {
  package let size: Size
  /// The limits that made it smaller; empty where none did.
  package let limits: [MediaLimit]

  /// The size of `name`, which is `original` as seen. Throws for what no change can mend.
  package init(_ original: Size, _ name: String, _ limits: MediaLimits) throws(SwaplineError) {
    if let least = limits.minimumSide, original.short < least {
      throw SwaplineError(
        .limit, "\(name) has \(original.text) pixels; each side must be at least \(least).",
        hint: "Use a larger one: enlarging would not add any detail.")
    }
    let aspect = Double(original.long) / Double(original.short)
    if let widest = limits.maximumAspect, aspect > widest + 1e-6 {
      let found = (aspect * 100).rounded() / 100
      throw SwaplineError(
        .limit,
        "\(name) has \(original.text) pixels, an aspect ratio of \(found); at most \(widest) is allowed.",
        hint: "Crop it first.")
    }
    var (size, asked) = (original, [MediaLimit]())
    if let most = limits.maximumSide, size.long > most {
      let scaled = size.scaled(by: Double(most) / Double(size.long))
      size = Size(min(scaled.width, most), min(scaled.height, most))
      asked.append(.maximumSide)
    }
    if let most = limits.maximumPixels, size.pixels > most {
      size = size.reduced(by: (Double(most) / Double(size.pixels)).squareRoot())
      asked.append(.maximumPixels)
    }
    try size.check(name, limits, hint: "Crop it to a less elongated shape first.")
    (self.size, self.limits) = (size, asked)
  }
}

extension Size {
  /// Throws where `name`, made so small to meet limits, has a side that is shorter than they allow.
  package func check(
    _ name: String, _ limits: MediaLimits, hint: String
  ) throws(SwaplineError) {
    guard let least = limits.minimumSide, short < least else { return }
    throw SwaplineError(
      .limit,
      "\(name) would become \(text) to meet the limits, and each side must be at least \(least).",
      hint: hint)
  }
}
