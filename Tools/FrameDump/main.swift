import Core
import Files
import FoundationEssentials
import Glibc
import Pipelines
import Processing

// What Swapline reads in files, for comparing it with other readers: facts, and chosen frames as PNG
// files, by the same media workers that a run uses.
//   FrameDump FOLDER [FORMAT,...] < paths      one absolute path a line in, one JSON object a line out
// With formats every file is also converted to each of them that its kind can become, moving pictures
// with all their frames, and every frame is kept.

/// Reads files with the workers of a pool.
struct Reader {
  let pool: WorkerPool
  let folder: String
  let formats: [MediaFormat]

  /// Above so many pixels in all its frames a moving picture is not taken apart.
  static let most = 100_000_000

  func row(_ number: Int, _ file: String) async -> Row {
    var row = Row(file: file)
    do {
      row.media = try await pool.probe(ProbeRequest(file: file))
    } catch {
      row.error = "\(error)"
      return row
    }
    do { try await readPixels(number, file, &row) } catch { row.failure = "\(error)" }
    for format in formats where row.failure == nil {
      row.converted[format.name] = await converted(
        file, row.media, "\(folder)/\(number)-to", format)
    }
    return row
  }

  private func readPixels(_ number: Int, _ file: String, _ row: inout Row) async throws {
    guard let media = row.media else { return }
    let base = "\(folder)/\(number)"
    let still = RenditionRequest(output: base + "-still.png", format: .png)
    let render = RenderRequest(file: file, renditions: [still])
    if let made = try await pool.render(render).first {
      row.still = made.file
      row.changes = made.changes
    }
    let isShort = media.width * media.height * media.frames <= Self.most
    guard media.kind != .image, isShort else { return }
    let split = ExtractFramesRequest(file: file, output: base)
    let answer = try await pool.split(split)
    row.decoded = answer.order.count
    let last = answer.order.count - 1
    let chosen =
      formats.isEmpty ? Set([0, answer.order.count / 2, last]) : Set(answer.order.indices)
    for index in chosen where index >= 0 {
      row.frames["\(index)"] = answer.frames[answer.order[index]].file
    }
    let kept = Set(row.frames.values)
    for frame in answer.frames where !kept.contains(frame.file) { unlink(frame.file) }
  }

  /// `file` as `format`; nil where its kind does not become one.
  private func converted(
    _ file: String, _ media: Media?, _ base: String, _ format: MediaFormat
  ) async -> Converted? {
    guard let media else { return nil }
    let moves = media.kind != .image && media.frames > 1
    guard moves ? format.kinds != [.image] : format.kinds.contains(.image) else { return nil }
    let rendition = RenditionRequest(
      output: "\(base).\(format.name)", format: format, content: moves ? .moving : .first)
    do {
      let request = RenderRequest(file: file, renditions: [rendition])
      guard let made = try await pool.render(request).first else { return nil }
      return Converted(file: made.file, media: made.media, changes: made.changes)
    } catch {
      return Converted(error: "\(error)")
    }
  }
}

let arguments = CommandLine.arguments
guard (2...3).contains(arguments.count) else {
  print("usage: FrameDump FOLDER [FORMAT,...] < paths")
  exit(2)
}
let names = arguments.count > 2 ? arguments[2].split(separator: ",").map(String.init) : []
let reader = Reader(
  pool: WorkerPool(), folder: arguments[1], formats: names.compactMap(MediaFormat.named))
try FileSystem.makeFolder(reader.folder)
let encoder = JSONEncoder()

// As many in hand as keep every worker busy; printed as they come, each with its file's name.
await withTaskGroup(of: Row.self) { tasks in
  var number = 0
  var isInHand = 0
  while true {
    while isInHand < 2 * WorkerPool.cores, let file = readLine() {
      let own = number
      tasks.addTask { await reader.row(own, file) }
      number += 1
      isInHand += 1
    }
    guard let row = await tasks.next() else { break }
    isInHand -= 1
    if let line = try? encoder.encode(row) {
      print(String(decoding: line, as: UTF8.self))
      fflush(nil)
    }
  }
}
reader.pool.shutdown()
