import Glibc

/// A numeric network address, version 4 or 6, with the question whether it is public.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  /// Four bytes or sixteen, in the order of the network.
  package let bytes: [UInt8]

  /// The address in a socket address; nil when that is neither IPv4 nor IPv6.
  init?(_ address: UnsafePointer<sockaddr>) {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      let raw = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
      bytes = withUnsafeBytes(of: raw.sin_addr) { Array($0) }
    case AF_INET6:
      let raw = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
      bytes = withUnsafeBytes(of: raw.sin6_addr) { Array($0) }
    default: return nil
    }
  }

  /// Reads `192.0.2.1` or `2001:db8::1`; a zone behind `%` is passed over.
  package init?(_ text: String) {
    let plain = String(text.prefix { $0 != "%" })
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, plain, &four) == 1 {
      bytes = withUnsafeBytes(of: four) { Array($0) }
    } else if inet_pton(AF_INET6, plain, &six) == 1 {
      bytes = withUnsafeBytes(of: six) { Array($0) }
    } else {
      return nil
    }
  }

  package var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether this is the machine itself: 127.0.0.0/8 or ::1, in no other spelling.
  package var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }

  /// Whether the address is one of the public internet.
  ///
  /// Source: IANA's registries of special-purpose addresses for IPv4 and IPv6. Of IPv6 only global
  /// unicast (2000::/3) counts, without the blocks inside it that are special or that embed an IPv4
  /// address; so mapped addresses and NAT64's prefix are refused as well. 168.63.129.16 is
  /// Azure's own service address for its virtual machines, though it lies in a public block.
  package var isPublic: Bool {
    if self == Self.azureWireServer { return false }
    let special = bytes.count == 4 ? Self.specialFour : Self.specialSix
    guard bytes.count == 4 || bytes[0] & 0xE0 == 0x20 else { return false }
    return !special.contains { $0.contains(bytes) }
  }

  private struct Block: Sendable {
    let prefix: [UInt8]
    let bits: Int

    init(_ text: String, _ bits: Int) {
      prefix = IPAddress(text)?.bytes ?? []
      self.bits = bits
    }

    func contains(_ bytes: [UInt8]) -> Bool {
      let whole = bits / 8
      guard bytes.count == prefix.count, bytes.prefix(whole) == prefix.prefix(whole) else {
        return false
      }
      guard bits % 8 != 0 else { return true }
      return (bytes[whole] ^ prefix[whole]) >> UInt8(8 - bits % 8) == 0
    }
  }

  private static let azureWireServer = IPAddress("168.63.129.16")

  private static let specialFour: [Block] = [
    Block("0.0.0.0", 8), Block("10.0.0.0", 8), Block("100.64.0.0", 10), Block("127.0.0.0", 8),
    Block("169.254.0.0", 16), Block("172.16.0.0", 12), Block("192.0.0.0", 24),
    Block("192.0.2.0", 24), Block("192.88.99.0", 24), Block("192.168.0.0", 16),
    Block("198.18.0.0", 15), Block("198.51.100.0", 24), Block("203.0.113.0", 24),
    Block("224.0.0.0", 4), Block("240.0.0.0", 4),
  ]

  private static let specialSix: [Block] = [
    // Teredo, ORCHID and other protocol assignments; documentation; 6to4; documentation.
    Block("2001::", 23), Block("2001:db8::", 32), Block("2002::", 16), Block("3fff::", 20),
  ]
}
