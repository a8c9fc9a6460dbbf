import Core
import Files
import FoundationEssentials
import Hosting
import Pipelines
import Runs
import Stages
import Swapline

/// Runs a pipeline in a test: the real runner, ledger and stages, with fake media work, a fake provider and
/// a host in memory. No worker, no network beyond loopback, no key and no charge.
///
///     let tester = try PipelineTester()
///     let outcomes = try await tester.run(pipeline, [tester.item("mug", width: 1200, height: 900)])
///     #expect(tester.provider.submissions.count == 1)
///
/// It has a folder of its own, which goes with it. Running again goes on where the last run stopped.
public final class PipelineTester: Sendable {
  /// Does the media work.
  public let media: FakeMedia
  /// Stands in for every provider that a pipeline names.
  public let provider: FakeProvider
  /// The folder with the inputs, and in `out` the run's.
  public let path: String

  /// A tester with a folder of its own. Throws `SwaplineError` when it cannot be made.
  public init(
    media: FakeMedia = FakeMedia(), provider: FakeProvider = FakeProvider()
  ) throws(SwaplineError) {
    self.media = media
    self.provider = provider
    path =
      FileManager.default.temporaryDirectory.path + "/swapline-test-" + RandomToken.hex(bytes: 8)
    try FileSystem.makeFolder(path + "/in")
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The run's folder.
  public var out: String { path + "/out" }

  /// An item with a scene of these sides, in pixels, and a face.
  public func item(_ id: String, width: Int = 640, height: Int = 480) throws(SwaplineError) -> Item
  {
    let scene = try file("\(id).png", FakePicture.bytes(width: width, height: height))
    let face = try file("face.png", FakePicture.bytes(width: 512, height: 512))
    return Item(id: id, scene: scene, face: face)
  }

  /// Writes an input and gives its path.
  public func file(_ name: String, _ bytes: [UInt8]) throws(SwaplineError) -> String {
    let path = "\(path)/in/\(name)"
    try FileSystem.write(bytes, to: path)
    return path
  }

  /// Options of a run that reaches neither workers nor vendors, without the process's environment.
  public var options: RunOptions {
    var options = RunOptions(media: .service(media), concurrency: 4, environment: [:])
    let (provider, folder) = (provider, path)
    options.doubles = RunDoubles(
      provider: { provider.client(for: $0, results: $1, folder: folder) }, host: provider.host)
    return options
  }

  /// Runs a pipeline into `out` and gives each item's outcome, in the order in which they end. Throws
  /// `SwaplineError` when the run as a whole cannot go on.
  public func run(
    _ pipeline: Pipeline, _ items: [Item], options: RunOptions? = nil,
    observe: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) async throws -> [Runner.Outcome] {
    var outcomes: [Runner.Outcome] = []
    try await pipeline.run(items, into: out, options: options ?? self.options, observe: observe) {
      outcomes.append($0)
    }
    return outcomes
  }
}
