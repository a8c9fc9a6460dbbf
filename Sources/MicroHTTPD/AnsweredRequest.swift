/// A request that is over, for a log.
package struct AnsweredRequest: Sendable {
  /// Who sent it; nil when its connection is gone.
  package var client: ClientAddress?
  /// `GET`, `POST`, …; nil when the head did not come whole.
  package var method: String?
  /// The path and query as they came.
  package var target: String
  /// What was answered; nil when nothing was.
  package var status: Int?
  /// Whether its body was let in, by what decides that.
  package var isAdmitted: Bool
  /// Whether the answer was sent to its end.
  package var isWhole: Bool
  /// How long it took from the first line on.
  package var time: Duration

  /// A request that is over.
  package init(
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
  package var path: String { RequestHead(method: "", target: target).path }
}

/// Whether a request's body is read.
package enum BodyAdmission: Sendable {
  /// It is, up to so many bytes.
  case accept(limit: Int64)
  /// This is answered in place of reading it.
  case refuse(ServerResponse)
}
