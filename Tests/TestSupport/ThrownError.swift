import Core

/// The error that `body` must throw.
public func error(of body: () async throws -> Void) async throws -> SwaplineError {
  do {
    try await body()
  } catch let error as SwaplineError {
    return error
  }
  throw NothingThrown()
}

/// What ought to fail did not.
struct NothingThrown: Error {}
