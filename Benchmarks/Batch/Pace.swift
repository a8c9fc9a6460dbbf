import Core
import Curl
import Files
import Pipelines
import Processing
import Providers
import Serving
import Stages
import Swapline

/// A header of a PNG, which is all that anybody looks at here.
func header(_ width: Int) -> [UInt8] {
  func four(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
  return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + four(13) + Array("IHDR".utf8)
    + four(width) + four(480) + [8, 2, 0, 0, 0, 0, 0, 0, 0]
}

/// Reads headers, and swaps by putting one file behind another.
struct HeaderMedia: MediaService {
  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    switch work {
    case let request as ProbeRequest: return try work.answer(facts(request.file))
    case let request as SwapRequest:
      let bytes = try FileSystem.read(request.scene) + FileSystem.read(request.faces[0].file)
      try FileSystem.write(bytes, to: request.output)
      let box = FaceBox(x: 0, y: 0, width: 1, height: 1, score: 1)
      return try work.answer(
        SwapAnswer(
          file: request.output, media: facts(request.output), replaced: box, touched: box))
    case let request as NormalizeRequest:
      return try work.answer(NormalizeAnswer(file: nil, media: facts(request.file), changes: []))
    case is CompareFacesRequest:
      return try work.answer(FaceComparison(frames: 1, faced: 1, unchanged: 0, isSameWhole: false))
    default: throw SwaplineError(.unsupported, "There is no other media work here.")
    }
  }

  private func facts(_ path: String) throws -> Media {
    let bytes = try FileSystem.read(path)
    func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    return Media(
      kind: .image, format: .png, width: number(16), height: number(20), size: Int64(bytes.count),
      digest: Digest(of: bytes))
  }
}

/// How much of a permitted rate is used: a server that takes 50 submissions a second and works on each
/// for five, and items by the thousand.
func measurePace(_ folder: String, items count: Int = 2_000, perSecond: Int = 50) async throws {
  let latency = TimeSpan.seconds(5)
  var configuration = ServerConfiguration(folder: folder + "/pace-server")
  try FileSystem.makeFolder(configuration.folder)
  configuration.allowsLoopback = true
  configuration.requestsPerMinute = perSecond * 60
  configuration.burst = perSecond
  configuration.delay = latency
  configuration.width = 2_000
  configuration.queueLimit = 100_000
  let server = try await WireServer(
    configuration, facades: ProviderDescriptor.facades, media: HeaderMedia())
  try FileSystem.makeFolder(folder + "/pace")
  try FileSystem.write(header(64), to: folder + "/pace/face.png")
  for number in 0..<count {
    try FileSystem.write(
      header(100 + number) + Array("\(number)".utf8), to: "\(folder)/pace/\(number).png")
  }
  let provider = ProviderReference(
    "crun",
    [
      "base_url": server.origin, "image_in_flight": "1000",
      "requests_per_minute": "\(perSecond * 60)",
    ])
  let pipeline = Pipeline("pace") {
    Fetch()
    Host(to: .embedded)
    Swap(with: provider)
  }
  var options = RunOptions(media: .service(HeaderMedia()), environment: ["CRUN_API_KEY": "ak_1"])
  options.concurrency = 1_200
  let start = ContinuousClock.now
  var done = 0
  try await pipeline.run(
    entries: (0..<count).lazy.map {
      .success(
        Item(id: "i\($0)", scene: "\(folder)/pace/\($0).png", face: folder + "/pace/face.png"))
    }, into: folder + "/pace-run", options: options
  ) { outcome in
    switch outcome {
    case .finished: done += 1
    case .failed(_, let error): print(error)
    case .stopped: break
    }
  }
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  let metrics = try await HTTPClient().send(
    HTTPRequest("GET", server.origin + "/metrics", addressPolicy: .any)
  ).text
  let refused =
    metrics.split(separator: "\n").first { $0.contains("status=\"429\"") }?.split(separator: " ")
    .last ?? "0"
  let share = Double(done) / (seconds - latency.seconds) / Double(perSecond)
  row("\(count) items at \(perSecond) a second, 5 s each: done", "\(done)")
  row("  share of the permitted rate used", "\((share * 1_000).rounded() / 1_000)")
  row("  submissions that were told to wait (429)", "\(refused)")
  await server.stop()
}
