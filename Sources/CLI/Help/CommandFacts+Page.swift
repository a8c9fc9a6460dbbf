extension CommandFacts {
  /// The command's page.
  var page: HelpPage {
    let usage = operands.isEmpty ? "" : " \(operands)"
    var blocks: [HelpPage.Block] = [
      .heading("Usage"), .code(["swapline \(name)\(usage)\(options.isEmpty ? "" : " [options]")"]),
      .heading("Options"),
      .table(
        (options + [.help]).map { option in
          let letter = option.letter.map { "-\($0), " } ?? ""
          return ("\(letter)--\(option.name)\(option.value.map { " \($0)" } ?? "")", option.help)
        }),
    ]
    if !examples.isEmpty { blocks += [.heading("Examples"), .code(examples)] }
    return HelpPage(name, .command, summary, blocks)
  }
}
