import Core
import Curl
import FoundationEssentials
import Hosting
import MicroHTTPD
import TestSupport
import Testing

/// What a kind of host needs around it to be tried: settings, and servers on loopback.
struct HostRig: Sendable {
  var settings: HostSettings
  /// The file as the host is to get it.
  var prepare: @Sendable (HostedFile) -> HostedFile = { $0 }
  /// What its addresses answer to HEAD: 403 where the signature is one for GET.
  var headStatus = 200
  /// How many files lie with the servers, where a host is to take them back at its end.
  var left: (@Sendable () -> Int)?
  /// Ends the servers.
  var stop: @Sendable () async -> Void = {}

  /// A rig by the name of the kind. A kind that needs no settings and no server needs none; every other
  /// has its line here.
  static let all: [String: @Sendable (HTTPClient) async throws -> HostRig] = [
    HostDescriptor.upload.name: { client in
      let storage = try Storage()
      return HostRig(
        settings: HostSettings(
          name: "tried", client: client,
          storage: ProviderStorage(slots: storage, addressPolicy: .publicAndLoopback)),
        stop: { await storage.server.stop() })
    },
    HostDescriptor.asIs.name: { client in
      let server = try ObjectServer()
      return HostRig(
        settings: HostSettings(
          name: "tried", values: ["addresses": "loopback"], client: client),
        prepare: { file in
          var file = file
          let bytes = (try? Data(contentsOf: URL(filePath: file.path))).map { [UInt8]($0) } ?? []
          file.origin = server.give(file.name, bytes, type: "image/png")
          return file
        }, stop: { await server.server.stop() })
    },
    HostDescriptor.s3.name: { client in
      let server = try ObjectServer()
      return HostRig(
        settings: HostSettings(
          name: "tried", values: ["bucket": "b", "endpoint": server.origin],
          environment: ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"],
          client: client), headStatus: 403, left: { server.objects.count },
        stop: { await server.server.stop() })
    },
    HostDescriptor.webDAV.name: { client in
      let server = try ObjectServer()
      return HostRig(
        settings: HostSettings(
          name: "tried", values: ["url": server.origin + "/dav/in"], client: client),
        left: { server.objects.count }, stop: { await server.server.stop() })
    },
    HostDescriptor.command.name: { client in
      let folder = TestFolder.unique("command")
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      let server = try FolderServer(folder)
      return HostRig(
        settings: HostSettings(
          name: "tried", values: ["run": FolderServer.program(folder, server.origin)],
          environment: ["PATH": "/usr/bin:/bin"], client: client),
        left: { (try? FileManager.default.contentsOfDirectory(atPath: folder))?.count ?? 0 },
        stop: { await server.server.stop() })
    },
  ]

  /// The rig of a kind.
  static func start(_ kind: HostDescriptor, _ client: HTTPClient) async throws -> HostRig {
    if let start = all[kind.name] { return try await start(client) }
    try #require(
      kind.needsNoEntry, "HostRig.all lacks '\(kind.name)', which cannot be tried without settings")
    return HostRig(settings: HostSettings(name: "tried", client: client))
  }
}

/// A server of the files in a folder, and the program of a user's who copies files there.
struct FolderServer: Sendable {
  let server: HTTPServer

  init(_ folder: String) throws {
    var router = Router()
    router.on("GET", "/{name}") { request in
      let name = request.parameters["name"] ?? ""
      return .file("\(folder)/\(name)", contentType: "image/png", entityTag: name)
    }
    server = try HTTPServer(router: router)
  }

  var origin: String { server.origin }

  static func program(_ folder: String, _ origin: String) -> String {
    """
    read -r request
    field() { printf '%s' "$request" | sed -n "s/.*\\"$1\\": *\\"\\([^\\"]*\\)\\".*/\\1/p"; }
    case $(field action) in
    put)
      name=$(field sha256)-$$.$(field extension)
      cp "$(field path)" "\(folder)/$name"
      printf '{"url": "%s/%s", "expires": %d, "remove": "%s"}' '\(origin)' "$name" \
    $(($(date +%s) + $(printf '%s' "$request" | sed 's/.*"lifetime": *\\([0-9]*\\).*/\\1/'))) "$name" ;;
    *)
      for name in $(printf '%s' "$request" | grep -o '[0-9a-f]\\{64\\}-[0-9]*\\.png'); do
        rm "\(folder)/$name"
      done ;;
    esac
    """
  }
}
