import Core
import Glibc

extension RemoteStorages {
  /// The files that a reference into a bucket means: itself, the media below `s3://bucket/folder/`, or what
  /// matches a pattern such as `s3://bucket/photos/*.jpg`, whose `*` stops at a slash. In the order of the
  /// names, listed page by page; `progress` is told how many have been seen.
  ///
  /// Throws `SwaplineError` when the storage refuses, or when nothing is there.
  package func files(
    matching location: S3Location, progress: (Int) -> Void = { _ in }
  ) async throws -> [String] {
    let key = location.key
    let start = String(key.prefix { !"*?[".contains($0) })
    let isFolder = key.isEmpty || key.hasSuffix("/")
    guard isFolder || start != key else { return [location.description] }
    let host = try bucket(location.bucket)
    var found: [String] = []
    var seen = 0
    var mark: String?
    repeat {
      let page = try await host.page(start, after: mark)
      seen += page.objects.count
      for object in page.objects {
        let isMeant =
          isFolder ? Self.isMedia(object.key) : fnmatch(key, object.key, FNM_PATHNAME) == 0
        if isMeant {
          found.append(S3Location(bucket: location.bucket, key: object.key).description)
        }
      }
      progress(seen)
      mark = page.next
      try Task.checkCancellation()
    } while mark != nil
    guard !found.isEmpty else {
      throw SwaplineError(
        .usage,
        "Nothing in the bucket '\(location.bucket)' matches \(location)"
          + (seen == 0 ? ": no name begins with '\(start)'." : ": \(seen) files were looked at."),
        hint: "Check the name; '*' does not match a slash.")
    }
    return found
  }

  /// Whether a name ends as those of media do: an object's content is not looked at for a list.
  private static func isMedia(_ key: String) -> Bool {
    guard let dot = key.lastIndex(of: "."), !key.hasSuffix("/") else { return false }
    return MediaFormat.named(key[key.index(after: dot)...].lowercased()) != nil
  }
}
