/// A script with which fish completes the command, each option with what it does.
enum FishCompletion {
  static var script: String {
    let commands = CommandLineInterface.commands.map { $0.facts }
    var text = """
      # Completes swapline in fish; made by 'swapline completion fish'.
      complete -c swapline -f

      """
    for command in commands {
      text += "complete -c swapline -n __fish_use_subcommand -a \(command.name)"
      text += " -d \(quoted(command.summary))\n"
      let seen = "-n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options + [.help] {
        text += "complete -c swapline \(seen) -l \(option.name)"
        if let letter = option.letter { text += " -s \(letter)" }
        if let value = Completion.value(of: option) { text += " -r" + arguments(value) }
        text += " -d \(quoted(option.help))\n"
      }
      if command.maximumOperands != 0 {
        text += "complete -c swapline \(seen)\(arguments(.operands(of: command)))\n"
      }
    }
    return text
  }

  private static func arguments(_ completion: Completion) -> String {
    var words = completion.words.joined(separator: " ")
    if completion.files == .folders { words += " (__fish_complete_directories)" }
    let files = completion.files == .files ? " -F" : ""
    return files + (words.isEmpty ? "" : " -a \(quoted(words))")
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}
