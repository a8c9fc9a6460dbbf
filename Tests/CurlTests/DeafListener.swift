import Glibc

/// A socket that listens and whose queue of connections is full, so that the next one hangs.
final class DeafListener {
  let port: Int
  private var descriptors: [Int32] = []

  init() {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    descriptors = [listener]
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var more: [Int32] = []
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        precondition(bind(listener, address, length) == 0 && listen(listener, 0) == 0)
        _ = getsockname(listener, address, &length)
        for _ in 0..<3 {
          let client = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
          _ = connect(client, address, length)
          more.append(client)
        }
      }
    }
    descriptors += more
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }
}
