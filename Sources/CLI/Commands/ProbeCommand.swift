import Containers
import Core
import Files
import Pipelines
import Processing
import Swapline

/// `swapline probe`: measured facts of files.
enum ProbeCommand: Subcommand {
  static let facts = CommandFacts(
    "probe", "Measure files: format by content, dimensions, colours, size, digest.",
    operands: "FILE…", minimumOperands: 1, maximumOperands: nil,
    options: [
      .json, .flag("faces", nil, "Also find the faces, with the local engine."),
      .flag("complete", nil, "Decode every pixel to find truncated files."),
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
    // As many in hand as keep every worker busy; printed in the order in which they were named. Files
    // that are only looked at go in groups, because a message costs as much as a header.
    let isQuick = !arguments.has("complete") && !arguments.has("faces")
    let files = arguments.operands
    let groups = stride(from: 0, to: files.count, by: isQuick ? 25 : 1).map { start in
      Array(files[start..<min(files.count, start + (isQuick ? 25 : 1))])
    }
    let width = 2 * WorkerPool.cores
    try await withThrowingTaskGroup(of: (Int, [Row]).self) { tasks in
      var next = 0
      var shown = 0
      var ready: [Int: [Row]] = [:]
      while shown < groups.count {
        while next < groups.count, next - shown < width * 4 {
          let index = next
          tasks.addTask { (index, await rows(groups[index], arguments, pool)) }
          next += 1
        }
        guard let (index, rows) = try await tasks.next() else { break }
        ready[index] = rows
        while let rows = ready.removeValue(forKey: shown) {
          shown += 1
          for row in rows {
            if let error = row.error { errors.append(error) } else { done += 1 }
            try show(row, arguments, terminal)
          }
        }
      }
    }
    return ExitCode(errors: errors, done: done, isStopped: false)
  }

  private static func rows(
    _ files: [String], _ arguments: Arguments, _ pool: WorkerPool
  ) async -> [Row] {
    // Looking at a header costs nothing, whatever it says.
    let decodes = arguments.has("complete") || arguments.has("faces")
    let limits = DecodingGuard(maximumPixels: decodes ? DecodingGuard.usualPixels : .max)
    let requests = files.map {
      ProbeRequest(
        file: FileSystem.absolute($0), limits: limits, decodesFully: arguments.has("complete"))
    }
    do {
      let outcomes =
        decodes ? try await pool.probeAll(requests) : try await look(requests, pool)
      var rows = zip(files, outcomes).map { file, outcome in
        switch outcome {
        case .measured(let media): Row(file: file, media: media)
        case .failed(let error): Row(file: file, error: error.of(item: file))
        }
      }
      guard arguments.has("faces") else { return rows }
      for index in rows.indices where rows[index].error == nil {
        do {
          rows[index].faces = try await pool.findFaces(
            FindFacesRequest(file: requests[index].file))
        } catch let error as SwaplineError {
          rows[index].error = error.of(item: files[index])
        }
      }
      return rows
    } catch {
      return files.map { Row(file: $0, error: SwaplineError(.internal, "\(error)", item: $0)) }
    }
  }

  /// The facts of files whose pixels are not asked for. Plain pictures are read here, by code that is no
  /// library's: a worker takes longer to load its libraries than to look at a hundred of them.
  private static func look(
    _ requests: [ProbeRequest], _ pool: WorkerPool
  ) async throws -> [ProbeOutcome] {
    let plain = try await ThreadPool.disk.run { _ in
      requests.map { PlainPicture.media(at: $0.file, maximumSize: $0.limits.maximumSize.bytes) }
    }
    let rest = zip(requests, plain).filter { $0.1 == nil }.map(\.0)
    var outcomes = rest.isEmpty ? [][...] : try await pool.probeAll(rest)[...]
    return plain.compactMap { $0.map { .measured($0) } ?? outcomes.popFirst() }
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
    if let aspect = media.pixelAspect {
      parts.append("pixels of \(aspect), seen as \(media.uprightWidth)x\(media.uprightHeight)")
    }
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
      + (media.remarks.map { " (\($0.joined(separator: "; ")))" } ?? "")
  }
}
