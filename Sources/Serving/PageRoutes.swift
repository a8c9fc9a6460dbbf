import Core
import MicroHTTPD

/// The page at `/` on which the wire formats can be tried with a browser.
struct PageRoutes: Sendable {
  let context: ServerContext

  /// Nothing but the page's own files, and pictures that it made itself, may be loaded.
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    + "img-src 'self' blob:; media-src 'self' blob:; form-action 'none'; base-uri 'none'; "
    + "frame-ancestors 'none'"

  func add(to router: inout Router) {
    let files: [(path: String, type: String, bytes: [UInt8])] = [
      ("/", "text/html; charset=utf-8", PackageResources.index_html),
      ("/page.css", "text/css; charset=utf-8", PackageResources.page_css),
      ("/page.js", "text/javascript; charset=utf-8", PackageResources.page_js),
      ("/sample-scene.jpg", "image/jpeg", PackageResources.sample_scene_jpg),
      ("/sample-face.jpg", "image/jpeg", PackageResources.sample_face_jpg),
    ]
    for file in files {
      router.on("GET", file.path) { _ in
        ServerResponse(
          200,
          headers: [
            "Content-Type": file.type, "Content-Security-Policy": Self.policy,
            "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
          ], body: .bytes(file.bytes))
      }
    }
    router.on("GET", "/page.json") { _ in .json(200, (try? JSONText.bytes(facts)) ?? []) }
  }

  /// What the page needs to know of the server.
  private var facts: JSONValue {
    let inputs = context.configuration.inputs
    func types(_ kind: MediaKind) -> JSONValue {
      .array(inputs.formats(of: kind).map { .string($0.mimeType) })
    }
    var isOpen = false
    if case .open = context.configuration.keys { isOpen = true }
    return [
      "open": .bool(isOpen), "version": .string(context.configuration.version),
      "image": types(.image), "animation": types(.animation), "video": types(.video),
      "image_bytes": .int(inputs.maximumSize.bytes),
      "moving_bytes": .int(inputs.maximumMovingSize.bytes),
      "disabled": .array(context.configuration.disabledModels.sorted().map { .string($0) }),
      "forms": .array(
        context.facades.flatMap { facade in facade.forms.map { $0.json(facade.key) } }),
      "uploads": context.facades.lazy.compactMap { facade in facade.uploads?.json(facade.key) }
        .first
        ?? .null,
      "balance": context.facades.lazy.compactMap { facade in facade.balance?.json(facade.key) }
        .first
        ?? .null,
    ]
  }
}
