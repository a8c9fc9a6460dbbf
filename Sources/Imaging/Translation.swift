import Core
import Vips

extension SourceFile {
  /// Runs work that reads this file; errors of libvips then mean that the file is damaged, because
  /// its format and its limits were checked before. `rows` is how many rows are read.
  func reading<Result>(rows: Int? = nil, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as VipsError {
      throw translated(error, rows)
    }
  }

  /// The error that says why this file cannot be read.
  func unreadable(_ flaw: Flaw, rows: String? = nil) -> SwaplineError {
    switch flaw.kind {
    case .unsupported:
      SwaplineError(
        .unsupported, "\(name) is \(flaw.text), which is not supported.",
        hint: "Export it with 8 or 16 bits a sample, unsigned, in gray, RGB or CMYK.")
    case .cutOff:
      SwaplineError(
        .damaged,
        "\(name) (\(format)) is cut off: \(rows.map { "\($0); " } ?? "")\(flaw.text).",
        hint: "Download or export it again.")
    case .damaged:
      SwaplineError(
        .damaged, "\(name) (\(format)) cannot be read: \(flaw.text).",
        hint: "The file is damaged: download or export it again.")
    }
  }

  private func translated(_ error: VipsError, _ rows: Int?) -> any Error {
    switch error.kind {
    case .interrupted: return CancellationError()
    case .startUp, .memory: return fault(error)
    case .missing:
      return SwaplineError(
        .unsupported, "\(name) is a \(format), which the installed libvips does not read.",
        hint: "Convert it to jpg, png or webp first; `swapline doctor` lists what can be read.")
    case .open, .pixels, .encode: break
    }
    let there = error.rows.flatMap { read in rows.map { "\(read) of \($0) rows are there" } }
    let flaw = flaw()
    if let flaw, flaw.kind != .damaged { return unreadable(flaw, rows: there) }
    let words =
      flaw?.text
      ?? Reason.text(
        error.detail,
        or: error.kind == .open ? "it contradicts itself" : "what is compressed in it is damaged")
    let part =
      error.kind == .open
      ? "The header of \(name) (\(format)) cannot" : "The pixels of \(name) (\(format)) cannot all"
    let begin = there.map { " (\($0))" } ?? ""
    return SwaplineError(
      .damaged, "\(part) be read\(begin): \(words).",
      hint: "The file is damaged: download or export it again.")
  }
}

/// Runs work on pictures that are in memory; errors of libvips are then faults of Swapline.
func computing<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as VipsError {
    throw fault(error)
  }
}

private func fault(_ error: VipsError) -> any Error {
  switch error.kind {
  case .interrupted:
    CancellationError()
  case .memory:
    SwaplineError(
      .limit, "The picture needs more memory than media work may use.",
      hint: "Use a smaller picture.")
  default:
    SwaplineError(
      .internal,
      "libvips failed at work that should not fail: \(error.operation): "
        + "\(Reason.text(error.detail, or: "it does not say why")).",
      hint: "Report this with the file that shows it.")
  }
}
