import Core
import Processing

/// A media service that asks each question of a plan once: the face that a thousand items share, the
/// header that three stages look at.
final class KnownMedia: MediaService {
  private let service: any MediaService
  private let flights = Flights()

  init(_ service: any MediaService) {
    self.service = service
  }

  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    guard work is ProbeRequest || work is NormalizeRequest else {
      return try await service.perform(work)
    }
    let answer = try await flights.answer(to: Work.name + JSONText.line(work)) { [service] in
      try await service.perform(work)
    }
    return try work.answer(answer)
  }

  private actor Flights {
    private var known: [String: Task<any Sendable, any Error>] = [:]
    private var order: [String] = []

    func answer(
      to question: String, ask: @escaping @Sendable () async throws -> any Sendable
    ) async throws -> any Sendable {
      if let task = known[question] { return try await task.value }
      let task = Task { try await ask() }
      known[question] = task
      order.append(question)
      // A plan of a million items is not held in memory.
      if order.count > 20_000 {
        for old in order.prefix(10_000) { known[old] = nil }
        order.removeFirst(10_000)
      }
      return try await task.value
    }
  }
}
