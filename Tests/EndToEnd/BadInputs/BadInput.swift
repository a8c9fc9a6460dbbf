import Glibc

/// One thing that is tried on the built command, in a folder of its own.
///
/// In its words and in the texts of its files `{swapline}` stands for the command, `{web}` for a
/// `HostileServer` and `{port}` for its port, `{served}` for what `beside` said first.
struct BadInput: Sendable {
  /// What is tried, as docs/bad-inputs.md calls it.
  let label: String
  /// How the command must end.
  let code: Int32
  /// The command line.
  var words: [String]
  /// What lies in the folder beside the usual files.
  var files: [(name: String, content: FileContent)] = []
  /// What its environment has beside the usual.
  var variables: [String: String] = [:]
  /// Command lines that are run to their ends before.
  var first: [[String]] = []
  /// What runs beside it.
  var beside: Companion?
  /// What happens while it runs.
  var during: (@Sendable (Trial.Scene) async throws -> Void)?
  /// How long it may take before it counts as hanging.
  var limit = Duration.seconds(120)
  /// What is no flaw here.
  var allowed: Set<Allowance> = []
  /// What must not be printed.
  var forbidden: String?
  /// How many requests whose first line begins so must have come to the hostile server.
  var requests: (line: String, count: Int)?

  /// A process that is there before the command is started, and ended after it.
  struct Companion: Sendable {
    let words: [String]
    /// The file that it fills when it is ready; nil when it prints a line then.
    var file: String?
  }

  enum Allowance: Hashable {
    /// It prints several errors: of several items, or of several places in a file.
    case manyErrors
    /// It cannot print its error, or is none of ours.
    case silence
    /// It needs a tmpfs of its own.
    case disk
  }

  init(_ label: String, _ code: Int32, _ words: [String]) {
    self.label = label
    self.code = code
    self.words = words
  }
}

// How rows are written down.
extension BadInput {
  /// The command with these words.
  static func command(_ label: String, _ code: Int32, _ words: String...) -> BadInput {
    BadInput(label, code, ["{swapline}"] + words)
  }

  /// A run that fetches, validates and makes a thumbnail.
  static func prepare(_ label: String, _ code: Int32, _ words: String...) -> BadInput {
    BadInput(label, code, ["{swapline}", "run", "prepare.yaml", "--out", "out"] + words)
  }

  /// A run that swaps by the local engine.
  static func swap(_ label: String, _ code: Int32, _ words: String...) -> BadInput {
    BadInput(label, code, ["{swapline}", "run", "swap.yaml", "--out", "out"] + words)
  }

  /// A line for the shell.
  static func shell(_ label: String, _ code: Int32, _ line: String) -> BadInput {
    BadInput(label, code, ["sh", "-c", line])
  }

  func file(_ name: String, _ content: FileContent) -> BadInput {
    with { $0.files.append((name, content)) }
  }

  func variable(_ name: String, _ value: String) -> BadInput {
    with { $0.variables[name] = value }
  }

  func first(_ words: String...) -> BadInput { with { $0.first.append(words) } }

  /// With another process beside it, which is ready when it has filled `file` or printed a line.
  func beside(_ words: String..., file: String? = nil) -> BadInput {
    with { $0.beside = Companion(words: words, file: file) }
  }

  func during(_ act: @escaping @Sendable (Trial.Scene) async throws -> Void) -> BadInput {
    with { $0.during = act }
  }

  func allowing(_ allowance: Allowance) -> BadInput { with { $0.allowed.insert(allowance) } }

  func never(_ text: String) -> BadInput { with { $0.forbidden = text } }

  /// `count` requests whose first line begins with `line` come to the hostile server.
  func requests(_ count: Int, _ line: String) -> BadInput { with { $0.requests = (line, count) } }

  /// As a user whom permissions bind: root without its capabilities.
  var bound: BadInput {
    let prefix = geteuid() == 0 ? ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] : []
    return with { $0.words = prefix + $0.words }
  }

  private func with(_ change: (inout BadInput) -> Void) -> BadInput {
    var copy = self
    change(&copy)
    return copy
  }
}
