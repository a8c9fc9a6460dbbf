/// What somebody who fetches files is known to need of their addresses.
package struct FetchNeeds: Sendable, Hashable, Codable {
  /// They look with HEAD before they fetch: an address that is signed for GET refuses that.
  package var head = false
  /// They want an address without a query, which a signed one has.
  package var noQuery = false
  /// They tell the type by the extension in the path.
  package var hasExtension = false

  /// Nothing but an address that answers GET.
  package init(head: Bool = false, noQuery: Bool = false, hasExtension: Bool = false) {
    self.head = head
    self.noQuery = noQuery
    self.hasExtension = hasExtension
  }

  /// These and those of another.
  package func joined(_ other: FetchNeeds) -> FetchNeeds {
    FetchNeeds(
      head: head || other.head, noQuery: noQuery || other.noQuery,
      hasExtension: hasExtension || other.hasExtension)
  }

  /// Needs by their names in pipeline files, `head, no_query, extension` or `none`; nil for other words.
  package init?(parsing text: String) {
    self.init()
    for word in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      switch word {
      case "head": head = true
      case "no_query": noQuery = true
      case "extension": hasExtension = true
      case "none": break
      default: return nil
      }
    }
  }
}
