/// How many connections there may be, and how long each may keep the server waiting.
package struct ConnectionLimits: Sendable, Hashable {
  /// How many connections are served at once.
  ///
  /// One more makes the connection go that has waited longest for its client; where every one is at
  /// work, the new one is answered 503, unless it asks for a path that is kept open.
  package var maximum: Int
  /// How many of them one client may have: an IPv4 address, or a /64 network of IPv6.
  package var maximumPerClient: Int
  /// How many connections beyond `maximum` are taken, so that one can be told that there are too
  /// many, and paths that are kept open answer.
  package var reserve: Int
  /// Paths that are answered whatever the load.
  package var alwaysOpen: Set<String>
  /// How long a connection may wait for the first line of a request, in seconds.
  package var idleSeconds: Int
  /// How long the rest of a head may take, in seconds.
  package var headSeconds: Int
  /// How long a body may take at most, in seconds.
  package var bodySeconds: Int
  /// How fast a body has to come, after `bodyGrace` seconds, in bytes a second on average.
  package var leastRate: Int
  /// See `leastRate`.
  package var bodyGrace: Int

  /// 1,400 connections, three quarters of them for one client, and 64 in reserve; 30 s for a request to begin, 10 s for
  /// its head; half an hour for its body, of which 4 kB a second have to come after 10 s.
  package init(
    maximum: Int = 1_400, maximumPerClient: Int? = nil, reserve: Int = 64,
    alwaysOpen: Set<String> = [], idleSeconds: Int = 30, headSeconds: Int = 10,
    bodySeconds: Int = 1_800, leastRate: Int = 4_000, bodyGrace: Int = 10
  ) {
    self.maximum = max(1, maximum)
    self.maximumPerClient = max(1, maximumPerClient ?? maximum - maximum / 4)
    self.reserve = max(1, reserve)
    self.alwaysOpen = alwaysOpen
    self.idleSeconds = max(1, idleSeconds)
    self.headSeconds = max(1, headSeconds)
    self.bodySeconds = max(1, bodySeconds)
    self.leastRate = max(0, leastRate)
    self.bodyGrace = max(0, bodyGrace)
  }
}
