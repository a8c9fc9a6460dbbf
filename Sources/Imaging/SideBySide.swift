import Dispatch
import Synchronization

/// Work on the parts of one request, on as many threads as there are cores.
enum SideBySide {
  /// `@unchecked Sendable`: each thread takes parts of its own, and `body` only reads what they share.
  private struct Work<Part, Made>: @unchecked Sendable {
    let parts: [Part]
    let body: (Part) throws -> Made
  }

  private struct State<Made> {
    var made: [Int: Made] = [:]
    var faults: [Int: any Error] = [:]
  }

  /// What `body` makes of each part, in their order; one after the other unless `isFree`. Throws the error of the first part that has one; none is begun
  /// after an error, and nothing is still being done when it arrives. `note` is told how many are done, on any thread.
  static func map<Part, Made: Sendable>(
    _ parts: [Part], isFree: Bool = true, note: (Int) -> Void = { _ in },
    _ body: (Part) throws -> Made
  ) throws -> [Made] {
    guard isFree, parts.count > 1 else {
      return try parts.enumerated().map { index, part in
        let made = try body(part)
        note(index + 1)
        return made
      }
    }
    return try withoutActuallyEscaping(body) { body in
      try withoutActuallyEscaping(note) { note in
        let work = Work(parts: parts, body: body)
        let notes = Work(parts: [], body: note)
        let state = Mutex(State<Made>())
        DispatchQueue.concurrentPerform(iterations: parts.count) { index in
          guard state.withLock({ $0.faults.isEmpty }) else { return }
          let result = Result { try work.body(work.parts[index]) }
          let done = state.withLock { state in
            switch result {
            case .success(let made): state.made[index] = made
            case .failure(let fault): state.faults[index] = fault
            }
            return state.made.count
          }
          try? notes.body(done)
        }
        let end = state.withLock { $0 }
        if let first = end.faults.min(by: { $0.key < $1.key }) { throw first.value }
        return parts.indices.compactMap { end.made[$0] }
      }
    }
  }
}
