import Glibc

/// A socket that listens, and the port that it got.
struct ListeningSocket {
  let descriptor: Int32
  let port: Int

  /// Listens at a numeric address; port 0 takes any free one.
  ///
  /// Addresses of connections that ended a moment ago may be used again (SO_REUSEADDR), so that a
  /// server restarts at once; a port where somebody listens is still refused.
  init(address: String, port: Int) throws(ServerError) {
    guard let wanted = UInt16(exactly: port) else {
      throw ServerError(.badAddress, "Port \(port) is not between 0 and 65535.")
    }
    var four = sockaddr_in()
    var six = sockaddr_in6()
    let isFour = inet_pton(AF_INET, address, &four.sin_addr) == 1
    guard isFour || inet_pton(AF_INET6, address, &six.sin6_addr) == 1 else {
      throw ServerError(.badAddress, "\(address) is not a numeric address to listen on.")
    }
    let family = isFour ? AF_INET : AF_INET6
    let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let opened = socket(family, Int32(flags), 0)
    guard opened >= 0 else { throw Self.error(errno, address, port) }
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &yes, size)
    let status: Int32
    if isFour {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = wanted.bigEndian
      status = Self.bind(opened, &four)
    } else {
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = wanted.bigEndian
      setsockopt(opened, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
      status = Self.bind(opened, &six)
    }
    guard status == 0, listen(opened, 511) == 0 else {
      let number = errno
      close(opened)
      throw Self.error(number, address, port)
    }
    descriptor = opened
    self.port = Self.port(of: opened)
  }

  private static func bind<Address>(_ descriptor: Int32, _ address: inout Address) -> Int32 {
    withUnsafeBytes(of: &address) { bytes in
      guard let base = bytes.baseAddress else { return -1 }
      return Glibc.bind(
        descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  private static func port(of descriptor: Int32) -> Int {
    // The port stands at the same place for both families.
    var found = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    withUnsafeMutableBytes(of: &found) { bytes in
      guard let base = bytes.baseAddress else { return }
      _ = getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length)
    }
    return Int(UInt16(bigEndian: found.sin6_port))
  }

  private static func error(_ number: Int32, _ address: String, _ port: Int) -> ServerError {
    let reason = String(cString: strerror(number))
    switch number {
    case EADDRINUSE:
      return ServerError(
        .portTaken, "Another program is already listening on \(address) port \(port).")
    case EADDRNOTAVAIL:
      return ServerError(.badAddress, "\(address) is not an address of this machine.")
    case EACCES:
      return ServerError(.notPermitted, "Listening on port \(port) requires more privileges.")
    default:
      return ServerError(.other, "Listening on \(address) port \(port) failed: \(reason).")
    }
  }
}
