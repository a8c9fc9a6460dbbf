import Core
import Files
import Ledgers

/// A host's share of the record of hosted files.
package struct HostingShare: Sendable {
  /// The record of the run's folder.
  package var record: HostingRecord
  /// What the host is, as the record has it.
  package var route: HostRoute
  /// What earlier runs have left at this host: a folder's runs follow each other.
  package var earlier: [HostingRecord.Entry]

  /// The share of the host called `name` that is `route`, out of everything in the record.
  package init(
    of name: String, _ route: HostRoute, in record: HostingRecord, _ entries: [HostingRecord.Entry]
  ) {
    self.record = record
    self.route = route
    earlier = entries.filter { $0.host == name && $0.route == route }
  }
}
