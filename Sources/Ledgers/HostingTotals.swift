import Core

/// What a run put at hosts, and what of it and of earlier runs is still there.
public struct HostingTotals: Sendable, Hashable, Encodable {
  /// How many files the run put.
  public var put = 0
  /// Their bytes.
  public var bytes: Int64 = 0
  /// How many it removed, those of earlier runs among them.
  public var removed = 0
  /// How many are or may be there though they should not.
  public var remaining = 0
  /// How many are there because the pipeline says so.
  public var kept = 0
  /// How many are with the provider, who removes them when it likes.
  public var left = 0

  /// Nothing.
  public init() {}

  /// What `record` has come to.
  package init(_ record: HostingRecord) async throws {
    let tally = record.tally
    (put, bytes, removed) = (tally.put, tally.bytes, tally.removed)
    for entry in try await record.entries() {
      switch entry.state {
      case .intended, .placed: remaining += 1
      case .kept: kept += 1
      case .left: left += 1
      }
    }
  }

  /// Whether there is something to tell.
  public var isEmpty: Bool { self == HostingTotals() }

  /// What there is to tell, in a sentence.
  public var text: String {
    var parts: [String] = []
    if put > 0 {
      parts.append(
        "\(Figures.grouped(put)) file\(put == 1 ? "" : "s") put at hosts "
          + "(\(ByteSize(bytes: bytes).rounded))")
    }
    if removed > 0 { parts.append("\(Figures.grouped(removed)) removed") }
    if kept > 0 { parts.append("\(Figures.grouped(kept)) kept there") }
    if left > 0 { parts.append("\(Figures.grouped(left)) with the provider") }
    if remaining > 0 {
      parts.append("\(Figures.grouped(remaining)) not removed: see 'swapline hosted'")
    } else if put + removed > 0, kept + left == 0 {
      parts.append("nothing remains")
    }
    return parts.joined(separator: ", ") + "."
  }
}
