import Core
import Curl
import Files
import Ledgers

/// Removes what hosts of a folder's runs have put and no run needs any more.
package struct HostCleaning: Sendable {
  private let record: HostingRecord
  private let environment: [String: String]
  private let client: HTTPClient

  /// Removes the files listed in `record`, with credentials from these environment variables.
  package init(_ record: HostingRecord, environment: [String: String], client: HTTPClient) {
    self.record = record
    self.environment = environment
    self.client = client
  }

  /// Removes these files, and gives what could not be removed. Files that are to stay are left unless
  /// `removesKept` says otherwise; what is with a provider is only struck out, and then only with them.
  package func remove(
    _ entries: [HostingRecord.Entry], removesKept: Bool = false
  ) async throws -> [SwaplineError] {
    var groups: [String: [HostingRecord.Entry]] = [:]
    var gone: [Int64] = []
    for entry in entries {
      // Nobody but the provider can remove these.
      if entry.state == .left
        || Hosts.named(entry.route.kind)?.reach(with: [:], publicURL: nil) == .provider
      {
        if removesKept || entry.state == .intended { gone.append(entry.number) }
      } else if removesKept || entry.state != .kept {
        groups["\(entry.host) \(try JSONText.line(entry.route))", default: []].append(entry)
      }
    }
    try await record.strike(gone)
    var problems: [SwaplineError] = []
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      do {
        try await host(of: group).stop()
      } catch let error as SwaplineError {
        problems.append(error)
      }
    }
    return problems
  }

  /// The host of these files, of which there is one at least, as it was when they were put.
  private func host(of group: [HostingRecord.Entry]) async throws -> any Host {
    let first = group[0]
    let remains = "\(group.count) file\(group.count == 1 ? "" : "s") of the host '\(first.host)'"
    guard let kind = Hosts.named(first.route.kind) else {
      throw SwaplineError(
        .usage, "\(remains) may still be there: this version knows no '\(first.route.kind)'.",
        hint: "Use the version of swapline that uploaded them.")
    }
    var values = first.route.values
    values["keep"] = nil
    let settings = HostSettings(
      name: first.host, values: values, environment: environment, client: client,
      share: HostingShare(of: first.host, first.route, in: record, group))
    do {
      return try await ThreadPool.disk.run { _ in try kind.make(settings) }
    } catch let error as SwaplineError {
      throw SwaplineError(
        error.code, "\(remains) may still be there. \(error.message)", hint: error.hint)
    }
  }
}
