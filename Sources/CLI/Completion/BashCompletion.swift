/// A script with which bash completes the command.
enum BashCompletion {
  static var script: String {
    let commands = CommandLineInterface.commands.map { $0.facts }
    var text = """
      # Completes swapline in bash; made by 'swapline completion bash'.
      _swapline() {
        local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
        local options="" words="" files=none
        # bash breaks words at '=': what is before it is joined again.
        if [ "$word" = "=" ]; then word=""; fi
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W "\(words(commands.map(\.name) + ["--help", "--version"]))" -- "$word"))
          return
        fi
        case "${COMP_WORDS[1]}" in

      """
    for command in commands {
      let operands = Completion.operands(of: command)
      text += "    \(command.name))\n"
      text += "      options=\"\(words((command.options + [.help]).map { "--\($0.name)" }))\"\n"
      text += "      words=\"\(words(operands.words))\" files=\(operands.files.rawValue)\n"
      let valued = command.options.compactMap { option -> String? in
        guard let value = Completion.value(of: option) else { return nil }
        let names = ["--\(option.name)"] + (option.letter.map { ["-\($0)"] } ?? [])
        return
          "        \(names.joined(separator: "|"))) options=\"\" words=\"\(words(value.words))\""
          + " files=\(value.files.rawValue) ;;\n"
      }
      if !valued.isEmpty {
        text += "      case \"$before\" in\n\(valued.joined())      esac ;;\n"
      } else {
        text += "      ;;\n"
      }
    }
    return text + """
        esac
        case "$word" in -*) words="$options" files=none ;; esac
        COMPREPLY=($(compgen -W "$words" -- "$word"))
        case "$files" in
          files) COMPREPLY+=($(compgen -f -- "$word")) ;;
          folders) COMPREPLY+=($(compgen -d -- "$word")) ;;
        esac
        # Behind 'stage.key=' comes a value, not a space.
        if [ "${#COMPREPLY[@]}" -eq 1 ] && [[ "${COMPREPLY[0]}" == *= ]]; then compopt -o nospace; fi
      }
      complete -o filenames -F _swapline swapline

      """
  }

  private static func words(_ words: [String]) -> String { words.joined(separator: " ") }
}
