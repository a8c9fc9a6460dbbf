import Core

extension HelpPage {
  static let formats = HelpPage(
    "formats", .topic, "The formats that are read and written.",
    [
      .table(
        MediaFormat.all.map { format in
          let kinds = format.kinds.map(\.rawValue).sorted().joined(separator: ", ")
          return (format.name, "\(kinds); \(format.encoding == nil ? "read" : "read and written")")
        }),
      .text("What this installation can do depends on its libraries: `swapline doctor` shows it."),
    ])
}
