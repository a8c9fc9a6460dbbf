import Core
import Files
import Glibc

/// Splits a list of items into parts by the items' names, in constant memory.
public struct ListSplitter: Sendable {
  /// What was made.
  public struct Outcome: Sendable {
    /// What `split.json` says.
    public var facts: SplitFacts
    /// How many rows each part has.
    public var rows: [Int]
    /// How many rows were skipped because they are empty.
    public var empty: Int
    /// Why rows cannot be read, of the first twenty; `facts.unreadable` counts all.
    public var problems: [SwaplineError]
  }

  private static let mostProblems = 20

  private let list: String
  private let shards: [Shard]
  private let folder: String

  /// Splits the list at `list`, `-` being standard input, into so many parts in `folder`.
  public init(_ list: String, shards: Int, into folder: String) {
    self.list = list
    self.shards = Shard.all(of: shards)
    self.folder = FileSystem.absolute(folder)
  }

  /// Writes the parts, and `split.json` when all of them are there. Parts of an earlier split into as many are
  /// replaced. `progress` is told how much of the list was read, 0 to 1; `note` what a person should know.
  ///
  /// A row that cannot be read goes into the part of its line's number, in a form that fails alone there too.
  /// Throws `SwaplineError`, and then there are no new parts.
  public func split(
    progress: (Double) -> Void = { _ in }, note: @escaping (String) -> Void = { _ in }
  ) throws(SwaplineError) -> Outcome {
    let file = try ItemsFile(list, wantsFace: false, note: note)
    let ending = file.isTable ? "csv" : "jsonl"
    try FileSystem.makeFolder(folder)
    let work = try WorkFolder(folder)
    defer { work.remove() }
    try checkPlace(ending)
    let names = shards.map { "\($0.name).\(ending)" }
    let parts = try PartFiles(names.map { "\(work.path)/\($0)" }, header: ended(file.header))
    var outcome = Outcome(
      facts: SplitFacts(
        list: file.isStandardInput ? nil : FileSystem.absolute(list), base: base,
        shards: shards.count, rows: 0, unreadable: 0),
      rows: Array(repeating: 0, count: shards.count), empty: 0, problems: [])
    var row = RawRow()
    while try file.nextRaw(into: &row) {
      let index = row.key.number(among: shards.count) - 1
      if let problem = row.problem {
        outcome.facts.unreadable += 1
        if outcome.problems.count < Self.mostProblems {
          outcome.problems.append(problem.at("\(file.path):\(row.line)"))
        }
        try parts.append(Self.broken(row, problem, file), to: index)
      } else if file.isTable {
        if row.bytes.last != 0x0A && row.bytes.last != 0x0D { row.bytes.append(0x0A) }
        try parts.append(row.bytes, to: index)
      } else {
        Self.flatten(&row.bytes)
        try parts.append(row.bytes, to: index)
      }
      outcome.rows[index] += 1
      outcome.facts.rows += 1
      if outcome.facts.rows % 100_000 == 0 { progress(file.fraction) }
    }
    outcome.empty = file.emptyRows
    try parts.finish()
    let facts = folder + "/" + SplitFacts.name
    // As long as it is not there, a folder is not known to hold all parts of one list.
    FileSystem.remove(facts)
    for name in names { try FileSystem.move("\(work.path)/\(name)", to: "\(folder)/\(name)") }
    let text = (try? JSONText.pretty(outcome.facts)) ?? ""
    try FileSystem.write(Array(text.utf8), to: facts, via: "\(work.path)/\(SplitFacts.name)")
    return outcome
  }

  private var base: String {
    let own = list == "-" ? nil : ItemsFile.base(of: list)
    return SplitFacts.written(
      FileSystem.absolute(own.map { $0.isEmpty ? "/" : $0 } ?? "."), from: folder)
  }

  /// Throws where parts of another split lie: who runs all parts of the folder would run both.
  private func checkPlace(_ ending: String) throws(SwaplineError) {
    for name in FileSystem.names(in: folder) {
      guard let part = Shard(name: name) else { continue }
      guard part.count != shards.count || name != "\(part.name).\(ending)" else { continue }
      throw SwaplineError(
        .usage, "\(folder) holds parts of another split, such as \(name).",
        hint: "Name another folder with --out, or remove them.", place: folder)
    }
  }

  private func ended(_ header: [UInt8]) -> [UInt8] {
    guard let last = header.last, last != 0x0A, last != 0x0D else { return header }
    return header + [0x0A]
  }

  /// A row that cannot be read in a form that cannot be read either, in one line, whatever stands around it.
  private static func broken(
    _ row: RawRow, _ problem: SwaplineError, _ file: ItemsFile
  ) -> [UInt8] {
    var line = Array(row.bytes.prefix { $0 != 0x0A && $0 != 0x0D })
    let reason = "line \(row.line) of \(file.path): \(problem.message)"
      .replacing("\"", with: "'").replacing("\n", with: " ")
    if let separator = file.separator {
      // Text behind a closed quote is wrong whether a quote was open before or not.
      line += [separator] + Array("\"broken row\" \(reason)\n".utf8)
      return line
    }
    // A list whose first row begins otherwise would be taken for a table.
    if line.first != UInt8(ascii: "{") || row.bytes.isEmpty {
      line = Array("{] \(reason) ".utf8) + line
    }
    return line + [0x0A]
  }

  /// Makes one line of a JSON object that is broken into several. Within a text an end of line is an error,
  /// and stays one.
  private static func flatten(_ text: inout [UInt8]) {
    if text.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
      var (isText, isEscaped) = (false, false)
      for index in text.indices {
        switch text[index] {
        case 0x0A, 0x0D: text[index] = isText ? 0x01 : 0x20
        case 0x5C where isText && !isEscaped:
          isEscaped = true
          continue
        case 0x22 where !isEscaped: isText.toggle()
        default: break
        }
        isEscaped = false
      }
    }
    text.append(0x0A)
  }
}

/// The folder in which parts are made until all of them are whole; one at a time works there.
private struct WorkFolder {
  let path: String
  private let lock: Int32

  init(_ folder: String) throws(SwaplineError) {
    path = folder + "/.swapline-split"
    try FileSystem.makeFolder(path)
    let file = path + "/lock"
    lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, PrivateFiles.file)
    guard lock >= 0 else { throw FileSystem.failure("open", file) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw SwaplineError(
        .usage, "Another split writes into \(folder).", hint: "Wait until it has ended.")
    }
    // What one that was killed has left.
    for name in FileSystem.names(in: path) where name != "lock" {
      FileSystem.remove("\(path)/\(name)")
    }
  }

  func remove() {
    FileSystem.removeFiles(in: path)
    rmdir(path)
    close(lock)
  }
}
