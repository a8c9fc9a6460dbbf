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
}
