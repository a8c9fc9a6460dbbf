import Core
import Glibc
import MicroHTTPD
import Processing

/// How the server works.
package struct ServerConfiguration: Sendable {
  /// The port on loopback; 0 takes any free one.
  package var port = 0
  /// Where tasks, files and the signing key are kept; made when it is missing.
  package var folder: String
  /// The address of a PostgreSQL database that keeps the tasks of several servers, whose `folder` must be
  /// the same one; nil keeps them in `folder`, for this server alone.
  package var store: String?
  /// How long another server leaves a task alone that a server which does not show itself any more has begun. It
  /// shows itself every third of that time.
  package var lease = TimeSpan.seconds(30)
  /// Who may use the server.
  package var keys = KeyRing.open
  /// The address by which clients reach the server, without a slash at its end; nil for its own on
  /// loopback. Set it behind a tunnel or a proxy.
  package var publicURL: String?
  /// Whether inputs may be fetched from this machine and callbacks sent to it.
  package var allowsLoopback = false
  /// What one swap costs.
  package var price = Credits.whole(1)
  /// What a swap of a scene of some kind costs, where that is another price.
  package var prices: [MediaKind: Credits] = [:]
  /// Whether new work is declined with 455. What was taken goes on.
  package var isInMaintenance = false
  /// Models that are declined with 505.
  package var disabledModels: Set<String> = []
  /// How many requests for new work a key may make a minute; nil for any number. Task queries do
  /// not count.
  package var requestsPerMinute: Int?
  /// How many of them may come at once; nil for all of a minute's.
  package var burst: Int?
  /// How many tasks may wait; more are declined with 429.
  package var queueLimit = 1_000
  /// How many swaps run at once.
  package var width = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  /// What scene and face must come within.
  package var inputs = InputLimits()
  /// The format of results; PNG keeps every pixel outside the face as it was.
  package var resultFormat = MediaFormat.png
  /// Networks of the user's own that make the faces; nil leaves it to the engine's own way.
  package var engine: EngineWeights?
  /// How long a result can be fetched.
  package var resultLifetime = TimeSpan.hours(24)
  /// How long an upload address works, and how long an uploaded file is kept.
  package var uploadLifetime = TimeSpan.hours(1)
  /// How much is kept of what clients upload.
  package var uploads = UploadLimits()
  /// How long a detection of faces can be used.
  package var detectionLifetime = TimeSpan.hours(1)
  /// The time for one still, downloads included.
  package var taskTimeout = TimeSpan.minutes(5)
  /// The time for one GIF or video, downloads included.
  package var movingTaskTimeout = TimeSpan.minutes(30)
  /// How often a task is begun, restarts of the server counted, before it fails.
  package var maximumAttempts = 3
  /// How long after a failed callback the next one is sent; its count is how often.
  package var callbackDelays: [TimeSpan] = [
    .seconds(1), .seconds(5), .seconds(30), .minutes(2), .minutes(10),
  ]
  /// How long each task is held up before its work begins, for trying out slow vendors.
  package var delay = TimeSpan(milliseconds: 0)
  /// How often expired files are removed.
  package var sweepInterval = TimeSpan.minutes(1)

  /// How many connections there may be, and how long each may take.
  package var connections = ConnectionLimits(alwaysOpen: ["/healthz", "/readyz"])
  /// Where a line is written for each request; nil for nowhere.
  package var accessLog: AccessLog?

  /// What the server says of its version.
  package var version = "0"

  /// The time in seconds since 1970, by which addresses and files end.
  package var now: @Sendable () -> Int64 = { WallClock.seconds }

  /// What a swap of a scene of `kind` costs.
  package func price(of kind: MediaKind) -> Credits { prices[kind] ?? price }

  /// Serves at most `count` connections at once.
  package mutating func limitConnections(to count: Int) {
    connections = ConnectionLimits(maximum: count, alwaysOpen: connections.alwaysOpen)
  }

  /// The defaults, in `folder`.
  package init(folder: String) {
    self.folder = folder
  }
}
