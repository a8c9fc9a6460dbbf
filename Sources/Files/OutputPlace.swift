import Core

/// Where a run's results go: a folder, or a place elsewhere with a folder for the run's own state.
public struct OutputPlace: Sendable, Hashable {
  /// The run's folder on this machine.
  public let folder: String
  /// The place elsewhere, `s3://bucket/prefix` or a WebDAV folder's address; nil where the folder is all.
  public let remote: String?

  /// A place whose two parts are known.
  package init(folder: String, remote: String?) {
    (self.folder, self.remote) = (folder, remote)
  }

  /// The folder below which the state of runs lies whose results go elsewhere.
  public static let remoteFolders = "swapline-remote"

  /// The place that `text` names: a path, `s3://bucket/prefix`, or the address of a WebDAV folder.
  ///
  /// The state of a run whose results go elsewhere lies in `swapline-remote/` of the current folder, below
  /// the place's own name, so that the same command goes on where it stopped.
  public init(_ text: String) {
    guard let scheme = text.firstRange(of: "://"), LocalReference.path(text) == nil else {
      remote = nil
      folder = FileSystem.absolute(LocalReference.path(text) ?? text)
      return
    }
    var place = text
    while place.hasSuffix("/"), !place.hasSuffix("://") { place.removeLast() }
    remote = place
    // What signs in or is signed is nothing for the name of a folder; the place itself is refused later.
    let plain = place[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
    let host = plain.prefix { $0 != "/" }
    let user = host.lastIndex(of: "@").map { host.index(after: $0) } ?? host.startIndex
    let parts = plain[user...].split(separator: "/").map { part in
      let name = String(part.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "_" })
      return name.allSatisfy { $0 == "." } ? "_" : name
    }
    folder = FileSystem.absolute(([Self.remoteFolders] + parts).joined(separator: "/"))
  }
}
