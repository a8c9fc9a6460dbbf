import Core

/// What the blocks of an animation's file say of its frames; no pixel was decoded for it.
struct FrameTable {
  /// Columns of every frame.
  var width: Int
  /// Rows of every frame.
  var height: Int
  /// Each frame's delay in milliseconds, as stored.
  var delays: [Int]
  /// How often it is played; 0 is for ever.
  var plays: Int
  /// Whether a pixel may be clear for another reason than that frames have opacity.
  var mayBeClear = false
  /// What a person should know of how the file is made.
  var remarks: [String] = []
}

/// The error for an animation that is not whole: where it ends or is damaged, and what is there.
func damaged(_ file: SourceFile, _ detail: String) -> SwaplineError {
  SwaplineError(
    .damaged, "\(file.name) (\(file.format)) \(detail).",
    hint: "Download or export it again: nothing of it is passed on.")
}
