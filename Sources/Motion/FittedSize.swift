import Core
import Processing

/// The largest size of a moving picture within limits of sides and pixels, and which of them asked for
/// it.
struct FittedSize {
  let width: Int
  let height: Int
  /// The limits that made it smaller; empty where none did.
  let reason: String

  /// The size of `name`, whose frames have `size`. Throws for what no change can mend.
  init(
    _ size: (width: Int, height: Int), _ name: String, _ limits: MediaLimits
  ) throws(SwaplineError) {
    let (long, short) = (max(size.width, size.height), min(size.width, size.height))
    if let least = limits.minimumSide, short < least {
      throw SwaplineError(
        .limit,
        "\(name) has \(size.width)x\(size.height) pixels, and both sides need \(least) at "
          + "least.", hint: "Use a larger one: nothing is enlarged.")
    }
    if let widest = limits.maximumAspect, Double(long) > Double(short) * widest + 1e-6 {
      throw SwaplineError(
        .limit,
        "\(name) is \(size.width)x\(size.height), more elongated than the \(widest) to 1 allowed.",
        hint: "Crop it first.")
    }
    var (scale, reasons) = (1.0, [String]())
    if let side = limits.maximumSide, long > side {
      scale = min(scale, Double(side) / Double(long))
      reasons.append("maximum_side \(side)")
    }
    if let pixels = limits.maximumPixels, size.width * size.height > pixels {
      scale = min(scale, (Double(pixels) / Double(size.width * size.height)).squareRoot())
      reasons.append("maximum_pixels \(pixels)")
    }
    let scaled = (
      width: max(1, Int(Double(size.width) * scale + 1e-6)),
      height: max(1, Int(Double(size.height) * scale + 1e-6))
    )
    if scale < 1, let least = limits.minimumSide, min(scaled.width, scaled.height) < least {
      throw SwaplineError(
        .limit,
        "\(name) would become \(scaled.width)x\(scaled.height) to meet the limits, and both sides "
          + "need \(least) at least.", hint: "Crop it to a less elongated shape first.")
    }
    (width, height) = scaled
    reason = reasons.joined(separator: ", ")
  }
}
