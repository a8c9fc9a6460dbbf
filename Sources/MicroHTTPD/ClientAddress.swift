import Glibc

/// Where a connection comes from, without its port.
package struct ClientAddress: Sendable, Hashable, CustomStringConvertible {
  /// The numeric address.
  package let description: String
  /// What one client counts as: an IPv4 address, or the 64 bits of an IPv6 network, of which every
  /// customer of a provider has at least one (RFC 6177).
  let source: [UInt8]

  /// An address as text; for connections that have none.
  init(_ text: String) {
    self.init(text, source: Array(text.utf8))
  }

  init(_ address: UnsafePointer<sockaddr>) {
    let family = Int32(address.pointee.sa_family)
    // Where the bytes stand in `sockaddr_in` and `sockaddr_in6`; a socket of this server has one.
    let raw = UnsafeRawPointer(address) + (family == AF_INET ? 4 : 8)
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard family == AF_INET || family == AF_INET6,
      inet_ntop(family, raw, &text, socklen_t(text.count)) != nil
    else {
      self.init("?")
      return
    }
    self.init(
      String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
      source: Array(UnsafeRawBufferPointer(start: raw, count: family == AF_INET ? 4 : 8)))
  }

  private init(_ text: String, source: [UInt8]) {
    description = text
    self.source = source
  }

  package static func == (a: ClientAddress, b: ClientAddress) -> Bool { a.source == b.source }

  package func hash(into hasher: inout Hasher) { hasher.combine(source) }
}
