/// A request that is over, for a log.
public struct AnsweredRequest: Sendable {
  /// Who sent it; nil when its connection is gone.
  public var client: ClientAddress?
  /// `GET`, `POST`, …; nil when the head did not come whole.
  public var method: String?
  /// The path and query as they came.
  public var target: String
  /// What was answered; nil when nothing was.
  public var status: Int?
  /// Whether its body was let in, by what decides that.
  public var isAdmitted: Bool
  /// Whether the answer was sent to its end.
  public var isWhole: Bool
  /// How long it took from the first line on.
  public var time: Duration

  /// A request that is over.
  public init(
    client: ClientAddress?, method: String?, target: String, status: Int?, isAdmitted: Bool,
    isWhole: Bool, time: Duration
  ) {
    self.client = client
    self.method = method
    self.target = target
    self.status = status
    self.isAdmitted = isAdmitted
    self.isWhole = isWhole
    self.time = time
  }

  /// The path as it came, without the query.
  public var path: String { RequestHead(method: "", target: target).path }
}

/// Whether a request's body is read.
public enum BodyAdmission: Sendable {
  /// It is, up to so many bytes.
  case accept(limit: Int64)
  /// This is answered in place of reading it.
  case refuse(ServerResponse)
}
