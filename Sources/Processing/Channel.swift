import Core
import Glibc

/// One end of a pair of connected sockets, closed with its owner and never inherited by programs
/// that this one starts.
final class Channel: Sendable {
  let descriptor: Int32

  init(owning descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Two connected ends.
  static func pair() throws -> (Channel, Channel) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      let reason = String(cString: strerror(errno))
      throw SwaplineError(
        .internal, "A channel to a media worker could not be made: \(reason).",
        hint: "Raise the limit on open files (`ulimit -n`).")
    }
    return (Channel(owning: ends[0]), Channel(owning: ends[1]))
  }

  /// Sends everything; false when the other end is gone.
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        // Not a signal but an error when the other end is gone.
        Glibc.send(
          descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// What arrives next: waits for it, and is empty once the other end is gone.
  func receive() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &bytes, bytes.count, 0)
      if count < 0, errno == EINTR { continue }
      bytes.removeSubrange(max(0, count)...)
      return bytes
    }
  }

  /// What is there already, without waiting.
  func drain() -> [UInt8] {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &piece, piece.count, Int32(MSG_DONTWAIT))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return all }
      all += piece[..<count]
    }
  }

  /// Waits until one of `channels` has something to read or is closed, or until `timeout` is over.
  static func wait(for channels: [Channel], timeout: Duration) -> [Bool] {
    var entries = channels.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    // Rounded up, so that a rest below a millisecond does not spin.
    let whole = timeout / .milliseconds(1)
    let milliseconds = Int32(min(max(whole.rounded(.up), 0), 60_000))
    guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else {
      return channels.map { _ in false }
    }
    return entries.map { $0.revents != 0 }
  }
}
