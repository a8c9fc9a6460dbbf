import Core
import Serving
import TestSupport

/// Where tasks can be kept; every kind keeps the same promises.
enum StoreBackend: String, CaseIterable, Sendable {
  case sqlite, postgresql

  /// Those that can be tried here.
  static let here = allCases.filter { $0 == .sqlite || PostgreSQLServer.absence == nil }

  /// An empty store.
  func store() async throws -> any TaskStore {
    switch self {
    case .sqlite: return try SQLiteTaskStore(.memory)
    case .postgresql: return try PostgreSQLTaskStore(try await Self.database())
    }
  }

  /// The address of a database with the tables of a store.
  static func database(
    of server: PostgreSQLServer? = nil
  ) async throws -> String {
    let server = if let server { server } else { try await PostgreSQLServer.started() }
    let address = try await server.database()
    _ = try await WireServer.migrate(address)
    return address
  }
}

/// An order of pictures that are nowhere, and what comes of it.
enum Sample {
  static func order(_ model: String = "m", callback: String? = nil) -> SwapOrder {
    SwapOrder(
      model: model, sceneURL: "http://a/s.png", sceneField: "scene",
      faces: [SwapOrder.Face("http://a/f.png", field: "face")], callbackURL: callback,
      param: ["model": .string(model)])
  }

  static let media = Media(
    kind: .image, format: .png, width: 2, height: 3, size: 4, digest: Digest(of: "x"))

  static func result(_ name: String = "r.png") -> TaskEnding {
    .result(name: name, expires: 9, media: media)
  }

  static let failure = TaskEnding.failure(SwaplineError(.noFace, "no face"))
}

extension TaskStore {
  /// Takes a task of an account.
  func create(
    _ order: SwapOrder = Sample.order(), account: String = "a", price: Credits = .whole(1),
    key: String? = nil, queueLimit: Int = .max
  ) async throws -> TaskCreation {
    try await create(
      NewTask(order, facade: "crun", account: account, price: price, idempotencyKey: key),
      queueLimit: queueLimit)
  }

  /// Takes up a task for as long as any test lasts.
  func claim() async throws -> TaskRecord? { try await claim(for: .hours(1)) }
}
