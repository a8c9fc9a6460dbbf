extension SwaplineError.Code {
  /// What it means for the person who reads it, in one sentence.
  package var meaning: String {
    switch self {
    case .usage: "The command line or a setting makes no sense; changing it helps."
    case .invalidPipeline: "The pipeline file has errors."
    case .notFound: "A file, page or task does not exist."
    case .damaged: "A file is empty, truncated or damaged."
    case .unsupported: "This stage, provider or installation does not take this kind of media."
    case .limit: "A limit on bytes, pixels, sides, frames or seconds is exceeded."
    case .rejected: "A rule of `validate` or `inspect` is not met."
    case .noFace: "There is no usable face, or not the one that was asked for."
    case .refusedByEngine: "The local engine could do it only badly, and does not."
    case .forbiddenAddress:
      "The address may not be fetched: it is not public, or its scheme is not allowed."
    case .network: "Name resolution, connection or transfer failed; trying again may help."
    case .timeout: "A deadline passed."
    case .unauthorized: "The provider does not accept the key."
    case .budget: "The budget is used up."
    case .insufficientCredits: "The provider's account has too few credits."
    case .refusedByProvider: "The provider refused the request and charged nothing."
    case .rateLimited: "The provider asks for fewer requests."
    case .unavailable: "The provider is down or in maintenance."
    case .generationFailed: "The provider accepted the task and could not finish it."
    case .ambiguous:
      "Whether the provider accepted the task is unknown: it may have charged for it."
    case .workerCrashed: "A media worker ended while it worked on this item."
    case .storage: "The disk is full, or a folder cannot be written."
    case .cancelled: "The run was stopped."
    case .internal: "A fault in Swapline itself; please report it."
    }
  }
}
