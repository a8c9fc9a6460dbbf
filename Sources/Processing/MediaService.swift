import Core

/// Whatever does media work: worker processes, or this process itself.
///
/// Errors are `SwaplineError`, or `CancellationError` when the calling task was cancelled. Files
/// are written to a temporary name beside their place, synced and renamed.
public protocol MediaService: Sendable {
  /// Does one piece of work.
  func perform(_ request: MediaRequest) async throws -> MediaAnswer
}

extension MediaService {
  /// Measures a file.
  public func probe(_ request: ProbeRequest) async throws -> Media {
    guard case .probed(let media) = try await perform(.probe(request)) else { throw mismatch }
    return media
  }

  /// Measures many files. One that ends a worker costs the others a second try, one by one.
  public func probeAll(_ requests: [ProbeRequest]) async throws -> [ProbeOutcome] {
    do {
      guard case .probedAll(let outcomes) = try await perform(.probeAll(requests)),
        outcomes.count == requests.count
      else { throw mismatch }
      return outcomes
    } catch is SwaplineError {
      var outcomes: [ProbeOutcome] = []
      for request in requests {
        do {
          outcomes.append(.measured(try await probe(request)))
        } catch let error as SwaplineError {
          outcomes.append(.failed(error))
        }
      }
      return outcomes
    }
  }

  /// Finds the faces of a picture, largest first.
  public func findFaces(_ request: FindFacesRequest) async throws -> [FaceBox] {
    guard case .faces(let faces) = try await perform(.findFaces(request)) else { throw mismatch }
    return faces
  }

  /// Measures what a picture shows.
  public func measure(_ request: MeasureRequest) async throws -> PictureMeasures {
    guard case .measured(let measures) = try await perform(.measure(request)) else {
      throw mismatch
    }
    return measures
  }

  /// Takes a moving picture apart.
  public func split(_ request: SplitRequest) async throws -> SplitAnswer {
    guard case .split(let answer) = try await perform(.split(request)) else { throw mismatch }
    return answer
  }

  /// Puts pictures in the place of a moving picture's frames.
  public func join(_ request: JoinRequest) async throws -> Rendered {
    guard case .joined(let file) = try await perform(.join(request)) else { throw mismatch }
    return file
  }

  /// Brings a picture within limits.
  public func normalize(_ request: NormalizeRequest) async throws -> NormalizeAnswer {
    guard case .normalized(let answer) = try await perform(.normalize(request)) else {
      throw mismatch
    }
    return answer
  }

  /// Makes several files from one picture.
  public func render(_ request: RenderRequest) async throws -> [Rendered] {
    guard case .rendered(let files) = try await perform(.render(request)) else { throw mismatch }
    return files
  }

  /// Replaces one face of a picture.
  public func swap(_ request: SwapRequest) async throws -> SwapAnswer {
    guard case .swapped(let answer) = try await perform(.swap(request)) else { throw mismatch }
    return answer
  }

  /// Says what the installation behind the service can read and write.
  public func capabilities() async throws -> MediaCapabilities {
    guard case .capabilities(let answer) = try await perform(.capabilities) else { throw mismatch }
    return answer
  }

  private var mismatch: SwaplineError {
    SwaplineError(
      .internal, "The media service answered another request than it was asked.",
      hint: "Use a worker of the same version as the command.")
  }
}
