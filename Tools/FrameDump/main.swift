import Core
import FoundationEssentials
import Glibc
import Pipelines
import Processing

// What Swapline reads in files, for comparing it with other readers: facts, and chosen frames as PNG
// files, by the same media workers that a run uses.
//   FrameDump FOLDER < paths      one absolute path a line in, one JSON object a line out

/// Everything that was read of one file.
struct Row: Encodable {
  var file: String
  /// The facts; nil where the file was refused.
  var media: Media?
  /// Why the file was refused.
  var error: String?
  /// PNG files of frames by their number from 0; stills have frame 0 alone.
  var frames: [String: String] = [:]
  /// How many frames were decoded; nil for a still, and for a moving picture too long to take apart.
  var decoded: Int?
  /// The PNG file that a conversion of the first frame gives.
  var still: String?
  /// What the history says of that conversion.
  var changes: [Change] = []
  /// Why there are facts and no pixels.
  var failure: String?
}

/// Reads files with the workers of a pool.
struct Reader {
  let pool: WorkerPool
  let folder: String

  /// Above so many pixels in all its frames a moving picture is not taken apart.
  static let most = 100_000_000

  func row(_ number: Int, _ file: String) async -> Row {
    var row = Row(file: file)
    do {
      guard case .probed(let media) = try await pool.perform(.probe(ProbeRequest(file: file)))
      else { return row }
      row.media = media
    } catch {
      row.error = "\(error)"
      return row
    }
    do { try await readPixels(number, file, &row) } catch { row.failure = "\(error)" }
    return row
  }

  private func readPixels(_ number: Int, _ file: String, _ row: inout Row) async throws {
    guard let media = row.media else { return }
    let base = "\(folder)/\(number)"
    let still = RenditionRequest(output: base + "-still.png", format: .png)
    let render = RenderRequest(file: file, renditions: [still])
    if case .rendered(let files) = try await pool.perform(.render(render)), let made = files.first {
      row.still = made.file
      row.changes = made.changes
    }
    let isShort = media.width * media.height * media.frames <= Self.most
    guard media.kind != .image, isShort else { return }
    let split = SplitRequest(file: file, output: base)
    guard case .split(let answer) = try await pool.perform(.split(split)) else { return }
    row.decoded = answer.order.count
    let last = answer.order.count - 1
    for index in Set([0, answer.order.count / 2, last]) where index >= 0 {
      row.frames["\(index)"] = answer.frames[answer.order[index]].file
    }
    let kept = Set(row.frames.values)
    for frame in answer.frames where !kept.contains(frame.file) { unlink(frame.file) }
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 2 else {
  print("usage: FrameDump FOLDER < paths")
  exit(2)
}
let reader = Reader(pool: WorkerPool(), folder: arguments[1])
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
