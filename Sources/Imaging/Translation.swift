import Core
import Vips

/// Runs work on libvips with its interruption tied to `cancellation`.
func interruptible<Result>(
  _ cancellation: Cancellation, _ body: (Interrupt) throws -> Result
) throws -> Result {
  let interrupt = Interrupt()
  return try cancellation.withHandler({ interrupt.stop() }) { try body(interrupt) }
}

extension SourceFile {
  /// Runs work that reads this file; errors of libvips then mean that the file is damaged, because
  /// its format and its limits were checked before.
  func reading<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as VipsError {
      throw translated(error)
    }
  }

  private func translated(_ error: VipsError) -> any Error {
    switch error.kind {
    case .interrupted: CancellationError()
    case .startUp: fault(error)
    case .missing:
      SwaplineError(
        .unsupported, "\(name) is a \(format), which the installed libvips does not read.",
        hint: "Convert it to jpg, png or webp first; `swapline doctor` lists what can be read.")
    case .open:
      SwaplineError(
        .damaged, "The header of \(name) (\(format)) cannot be read: \(error.detail).",
        hint: "The file is cut off or damaged: download or export it again.")
    case .pixels, .encode:
      SwaplineError(
        .damaged, "The pixels of \(name) (\(format)) cannot all be read: \(error.detail).",
        hint: "The file is cut off or damaged: download or export it again.")
    }
  }
}

/// Runs work on pictures that are in memory; errors of libvips are then faults of Swapline.
func computing<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as VipsError {
    throw error.kind == .interrupted ? CancellationError() : fault(error)
  }
}

private func fault(_ error: VipsError) -> any Error {
  SwaplineError(
    .internal, "libvips failed at work that should not fail: \(error).",
    hint: "Report this with the file that shows it.")
}
