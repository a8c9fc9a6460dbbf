import Core
import Pipelines
import Processing
import Swapline

/// `swapline probe`: measured facts of files.
enum ProbeCommand: Subcommand {
  static let facts = CommandFacts(
    "probe", "Measure files: format by content, sides, colours, size, digest.",
    operands: "FILE…", minimumOperands: 1, maximumOperands: nil,
    options: [
      .json, .flag("faces", nil, "Also find the faces, with the local engine."),
      .flag("complete", nil, "Decode every pixel, to find truncated files."),
    ],
    examples: ["swapline probe fixtures/scenes/portrait.jpg", "swapline probe --json *.jpg"])

  private struct Row: Encodable {
    var file: String
    var media: Media?
    var faces: [FaceBox]?
    var error: SwaplineError?
  }

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let pool = WorkerPool()
    defer { pool.shutdown() }
    var errors: [SwaplineError] = []
    var done = 0
    // As many in hand as keep every worker busy; printed in the order in which they were named.
    let files = arguments.operands
    let width = 2 * WorkerPool.cores
    try await withThrowingTaskGroup(of: (Int, Row).self) { group in
      var next = 0
      var shown = 0
      var ready: [Int: Row] = [:]
      while shown < files.count {
        while next < files.count, next - shown < width * 4 {
          let index = next
          group.addTask { (index, await row(files[index], arguments, pool)) }
          next += 1
        }
        guard let (index, row) = try await group.next() else { break }
        ready[index] = row
        while let row = ready.removeValue(forKey: shown) {
          shown += 1
          if let error = row.error { errors.append(error) } else { done += 1 }
          try show(row, arguments, terminal)
        }
      }
    }
    return ExitCode(errors: errors, done: done, isStopped: false)
  }

  private static func row(
    _ file: String, _ arguments: Arguments, _ pool: WorkerPool
  ) async -> Row {
    var row = Row(file: file)
    do {
      let path = FileSystem.absolute(file)
      row.media = try await pool.probe(
        ProbeRequest(file: path, decodesFully: arguments.has("complete")))
      if arguments.has("faces") {
        row.faces = try await pool.findFaces(FindFacesRequest(file: path))
      }
    } catch {
      row.error =
        (error as? SwaplineError)?.of(item: file)
        ?? SwaplineError(.internal, "\(error)", item: file)
    }
    return row
  }

  private static func show(_ row: Row, _ arguments: Arguments, _ terminal: Terminal) throws {
    if arguments.has("json") {
      terminal.result(try JSONText.line(row) + "\n")
    } else if let media = row.media, row.error == nil {
      terminal.result("\(row.file): \(text(media))\(faces(row.faces))\n")
    } else if let error = row.error {
      CommandLineInterface.show(error, terminal)
    }
  }

  private static func faces(_ faces: [FaceBox]?) -> String {
    guard let faces else { return "" }
    let boxes = faces.map { "\($0.width)x\($0.height) at \($0.x),\($0.y)" }
    return ", \(faces.count) face\(faces.count == 1 ? "" : "s")"
      + (boxes.isEmpty ? "" : " (\(boxes.joined(separator: "; ")))")
  }

  private static func rounded(_ value: Double) -> String {
    let rounded = (value * 1_000).rounded() / 1_000
    return Int(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
  }

  static func text(_ media: Media) -> String {
    var parts = [
      "\(media.kind.rawValue)", "\(media.format)", "\(media.width)x\(media.height)",
      ByteSize(bytes: media.size).rounded, "\(media.bitDepth)-bit \(media.colorModel.rawValue)",
    ]
    if media.hasAlpha { parts.append("alpha") }
    if media.orientation != 1 { parts.append("orientation \(media.orientation)") }
    if let profile = media.profile { parts.append("profile '\(profile)'") }
    if let codec = media.videoCodec {
      parts.append([codec, media.audioCodec].compactMap { $0 }.joined(separator: " and "))
      if media.audioCodec == nil { parts.append("no sound") }
    }
    if media.isHDR { parts.append("HDR") }
    if media.frames > 1 { parts.append("\(media.frames) frames") }
    if let duration = media.duration { parts.append("\(rounded(duration)) s") }
    if let rate = media.frameRate { parts.append("\(rounded(rate)) fps") }
    if let loops = media.loops { parts.append(loops == 0 ? "for ever" : "played \(loops) x") }
    parts.append("sha256 \(media.digest.short)…")
    return parts.joined(separator: ", ")
  }
}
