import Core
import HTTP

/// A folder of a WebDAV server that results are put into.
struct WebDAVResults: ResultPlace {
  let host: WebDAVHost

  var shown: String { host.folder.folder }

  func put(
    _ file: ResultFile, upload: String?, note: @escaping @Sendable (String?) async throws -> Void
  ) async throws -> String {
    let name = Self.path(file.key)
    try await host.put(
      path: file.path, ["Content-Type": file.type, "Cache-Control": file.cacheControl], as: name)
    let response = try await host.look(at: name)
    // Some servers give no length. One that differs means that the file is not what was put.
    if let length = response.headers.contentLength, response.isSuccess, length != file.size {
      throw SwaplineError(
        .unavailable,
        "The server has \(length) bytes of \(file.key), but \(file.size) were uploaded.",
        hint: "Try again; if that does not help, check the server's log.")
    }
    return response.headers["ETag"] ?? ""
  }

  func holds(_ key: String, size: Int64, tag: String) async throws -> Bool {
    let response = try await host.look(at: Self.path(key))
    return response.isSuccess && response.headers.contentLength.map { $0 == size } != false
      && (response.headers["ETag"] ?? tag) == tag
  }

  /// Makes the folder where it is missing. Servers answer PROPFIND in many ways, so that each file is asked for
  /// when its item comes.
  func check() async throws -> Bool {
    try await host.makeFolders(downTo: "")
    return false
  }

  func list(_ receive: ([ResultObject]) async throws -> Void) async throws {}

  private static func path(_ key: String) -> String {
    key.split(separator: "/").map { PercentCoding.encode(String($0)) }.joined(separator: "/")
  }
}
