import Core
import Files
import Glibc

/// A folder, on a file system that all machines see, in which results lie under their digests.
package struct ResultsFolder: SharedResults {
  private let path: String

  /// The folder at `path`.
  package init(_ path: String) { self.path = FileSystem.absolute(path) }

  package var shown: String { path }

  package func check() async throws {
    let path = path
    try await ThreadPool.disk.run { _ in
      try FileSystem.makeFolder(path)
      guard access(path, W_OK | X_OK) == 0 else { throw FileSystem.failure("write", path) }
    }
  }

  package func put(_ media: Media, from source: String) async throws {
    let (target, folder) = (file(media), "\(path)/\(media.digest.hex.prefix(2))")
    try await ThreadPool.disk.run { _ in
      // One that was cut off by another program is put again.
      if FileSystem.stamp(of: target)?.size == media.size { return }
      try FileSystem.makeFolder(folder)
      try FileSystem.link(source, to: target, via: "\(target).\(RandomToken.hex(bytes: 6)).new")
    }
  }

  package func take(_ media: Media, to target: String) async throws -> SharedResult {
    let source = file(media)
    return try await ThreadPool.disk.run { _ in
      guard let stamp = FileSystem.stamp(of: source) else { return .missing }
      guard stamp.size == media.size else {
        FileSystem.remove(source)
        return .damaged
      }
      do {
        try FileSystem.link(source, to: target, via: target + ".link")
      } catch let error as SwaplineError where error.code == .notFound {
        return .missing
      }
      // What was brought is looked at, not what lies there: that is what is used.
      guard try FileSystem.digest(of: target) == media.digest else {
        FileSystem.remove(target)
        FileSystem.remove(source)
        return .damaged
      }
      return .whole
    }
  }

  package func remove(_ media: Media) async throws -> Bool {
    let source = file(media)
    return try await ThreadPool.disk.run { _ in
      guard FileSystem.exists(source) else { return false }
      guard unlink(source) == 0 else { throw FileSystem.failure("remove", source) }
      return true
    }
  }

  private func file(_ media: Media) -> String { "\(path)/\(media.sharedName)" }
}
