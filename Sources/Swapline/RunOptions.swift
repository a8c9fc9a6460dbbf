import Core
import Files
import Ledgers
import Pipelines
import Processing

/// How a run is done; what it does is the pipeline's business.
public struct RunOptions: Sendable {
  /// What does the media work.
  public enum Media: Sendable {
    /// Worker processes, as many as cores unless said otherwise. They are the program
    /// `swapline-media`: beside the running program, in `PATH`, or where `SWAPLINE_MEDIA` says.
    case workers(WorkerPool.Configuration)
    /// A service of the caller, such as `InProcessMedia` of the product `SwaplineInProcess`.
    case service(any MediaService)
  }

  /// What does the media work.
  public var media: Media
  /// How many items are worked on at once; nil takes as many as keep cores and providers busy.
  public var concurrency: Int?
  /// Whether submissions of unknown fate are sent again; they may have been charged.
  public var retriesAmbiguous: Bool
  /// The address at which providers reach the embedded host, when it stands behind a tunnel or a
  /// proxy; nil for loopback, which only embedded providers reach.
  public var publicURL: String?
  /// The port of the embedded host, for a tunnel or a proxy to lead to; 0 takes any free one.
  public var hostPort = 0
  /// What may be spent; what it sets replaces the pipeline's own.
  public var budget = Budget()
  /// The path of a ledger that several folders share, so that `budget`'s day and month bind across
  /// them and a swap that one has bought is every one's; nil for the folder's own.
  public var ledger: String?
  /// A place that all machines see, for bought results under their digests: a folder, or
  /// `s3://bucket/prefix`. Whoever shares the ledger takes from it what another has bought; nil for none.
  public var results: String?
  /// A port of this machine at which `/metrics` tells how the run is, in Prometheus' text format; 0 takes any
  /// free one, nil tells nothing.
  public var metricsPort: Int?
  /// Told at which port that is, once it is known.
  public var onMetricsPort: (@Sendable (Int) -> Void)?
  /// The run's name, where several runs have it: `budget`'s run then limits what all of them spend through one
  /// ledger. Letters, digits, `.`, `_` and `-`; nil for a name that no other run has.
  public var name: String?
  /// The shard that is run, which has a folder of its own below the run's; nil for none. Who gives the
  /// items leaves out those of others.
  public var shard: Shard?
  /// The likely kind of the first scene, so that a worker can get ready for it; nil if unknown.
  package var firstKind: MediaKind?
  /// The lock of the run's folder, where the caller has it.
  package var lock: RunLock?
  /// Whether local scenes and faces are fetched over HTTP too, from a server in this process: the
  /// whole way that pictures on the web take, tried on files at hand.
  public var fetchesLocalFilesOverHTTP: Bool
  /// Environment variables, among them the providers' keys.
  public var environment: [String: String]
  /// Asks the run to stop.
  public var control: RunControl
  /// What stands in for vendors and hosts; nil outside of tests.
  package var doubles: RunDoubles?

  /// The defaults: worker processes, as many items at once as keep cores and providers busy.
  public init(
    media: Media = .workers(WorkerPool.Configuration()), concurrency: Int? = nil,
    retriesAmbiguous: Bool = false, publicURL: String? = nil,
    fetchesLocalFilesOverHTTP: Bool = false,
    environment: [String: String] = ProcessEnvironment.variables,
    control: RunControl = RunControl()
  ) {
    self.media = media
    self.concurrency = concurrency
    self.retriesAmbiguous = retriesAmbiguous
    self.publicURL = publicURL
    self.fetchesLocalFilesOverHTTP = fetchesLocalFilesOverHTTP
    self.environment = environment
    self.control = control
  }

  /// The former name of `concurrency`.
  @available(*, deprecated, renamed: "concurrency")
  public var width: Int? {
    get { concurrency }
    set { concurrency = newValue }
  }

  /// Options under the former name of `concurrency`.
  @available(
    *, deprecated,
    renamed:
      "init(media:concurrency:retriesAmbiguous:publicURL:fetchesLocalFilesOverHTTP:environment:control:)"
  )
  public init(
    media: Media = .workers(WorkerPool.Configuration()), width: Int?,
    retriesAmbiguous: Bool = false, publicURL: String? = nil,
    fetchesLocalFilesOverHTTP: Bool = false,
    environment: [String: String] = ProcessEnvironment.variables,
    control: RunControl = RunControl()
  ) {
    self.init(
      media: media, concurrency: width, retriesAmbiguous: retriesAmbiguous, publicURL: publicURL,
      fetchesLocalFilesOverHTTP: fetchesLocalFilesOverHTTP, environment: environment,
      control: control)
  }
}
