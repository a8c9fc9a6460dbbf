import Core
import Processing

/// A media service that asks each question of a plan once: the face that a thousand items share, the
/// header that three stages look at.
final class KnownMedia: MediaService {
  private let service: any MediaService
  private let flights = SingleFlight<String, any Sendable>(most: 10_000)

  init(_ service: any MediaService) {
    self.service = service
  }

  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    guard work is ProbeRequest || work is NormalizeRequest else {
      return try await service.perform(work)
    }
    let answer = try await flights.value(of: Work.name + JSONText.line(work)) { [service] in
      try await service.perform(work)
    }.value
    return try work.answer(answer)
  }
}
