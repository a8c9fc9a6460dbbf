import Core
import Glibc

extension HostedFile {
  /// Throws unless the file is there with the length it should have.
  func checkIsThere() throws(SwaplineError) {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, access(path, R_OK) == 0
    else {
      throw SwaplineError(
        .notFound, "The file to host, \(path), is not there or cannot be read.",
        hint: "Run the stages before this one again.")
    }
    guard facts.st_size == size else {
      throw SwaplineError(
        .damaged, "The file to host, \(path), has \(facts.st_size) bytes, and had \(size) before.",
        hint: "Something changed it; run the stages before this one again.")
    }
  }

  /// The first bytes, `count` where there are as many. Throws `SwaplineError` when they cannot be read.
  func head(_ count: Int) throws(SwaplineError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      try checkIsThere()
      return []
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      filled += got
    }
    return Array(bytes[..<filled])
  }
}
