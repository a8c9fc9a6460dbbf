/// A script with which zsh completes the command, each option with what it does.
enum ZshCompletion {
  static var script: String {
    let commands = CommandLineInterface.commands.map { $0.facts }
    var text = """
      #compdef swapline
      # Completes swapline in zsh; made by 'swapline completion zsh'.
      _swapline() {
        local -a commands
        commands=(

      """
    for command in commands {
      text += "    \(quoted("\(command.name):\(command.summary)"))\n"
    }
    text += """
        )
        if (( CURRENT == 2 )); then _describe command commands; return; fi
        local command="${words[2]}"
        (( CURRENT-- )); shift words
        case "$command" in

      """
    for command in commands {
      let operands = Completion.operands(of: command)
      var specs = (command.options + [.help]).flatMap(specs(of:))
      if command.maximumOperands != 0 {
        specs.append(quoted("*::\(command.operands): \(action(operands))"))
      }
      text += "    \(command.name)) _arguments -s \(specs.joined(separator: " ")) ;;\n"
    }
    return text + """
        esac
      }
      if [ "$funcstack[1]" = _swapline ]; then _swapline "$@"; else compdef _swapline swapline; fi

      """
  }

  private static func specs(of option: Option) -> [String] {
    let value =
      Completion.value(of: option).map { ":\(safe(option.value ?? "")): \(action($0))" } ?? ""
    let star = option.repeats ? "*" : ""
    let names = (option.letter.map { ["-\($0)"] } ?? []) + ["--\(option.name)"]
    return names.map { quoted("\(star)\($0)[\(safe(option.help))]\(value)") }
  }

  private static func action(_ completion: Completion) -> String {
    let files = completion.files == .none ? "" : completion.files == .files ? "_files" : "_files -/"
    // A word that ends in '=' goes on with its value, so no space is put behind it.
    let isPrefix = completion.words.contains { $0.hasSuffix("=") }
    let add = "compadd \(isPrefix ? "-S '' " : "")-- \(completion.words.joined(separator: " "))"
    if completion.words.isEmpty { return files }
    return files.isEmpty ? "{ \(add) }" : "{ \(add); \(files) }"
  }

  private static func safe(_ text: String) -> String {
    text.replacing("[", with: "(").replacing("]", with: ")").replacing(":", with: ";")
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
