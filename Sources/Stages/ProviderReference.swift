import Pipelines
import Processing

/// A provider as a composition names it: which one, and how it is reached.
public struct ProviderReference: Sendable, Hashable {
  /// The provider's name.
  public let name: String
  /// How it is reached.
  public let route: ProviderRoute

  /// A provider by name; without settings it is the vendor's own service.
  public init(_ name: String, _ settings: [String: String] = [:]) {
    self.name = name
    route = ProviderRoute(settings)
  }

  /// Where a provider's API is served.
  public enum Place: Sendable, Hashable {
    /// By the vendor; the key comes from the environment.
    case vendor
    /// By this process, with the local engine behind the vendor's wire format.
    case embedded
    /// By another server with the same wire format.
    case server(String)

    var settings: [String: String] {
      switch self {
      case .vendor: [:]
      case .embedded: ProviderRoute.embedded.values
      case .server(let url): ["base_url": url]
      }
    }
  }

  /// The same with networks of your own: paths of ONNX files. `model` swaps, which needs `embedded`; an
  /// embedder alone measures how like results are to their faces.
  public func engine(
    model: String? = nil, embedder: String, matrix: String? = nil,
    range: EngineWeights.Range = .unit, template: EngineWeights.Template? = nil
  ) -> ProviderReference {
    let parts = [
      ("model", model), ("embedder", embedder), ("matrix", matrix),
      ("range", range == .unit ? nil : range.rawValue), ("template", template?.rawValue),
    ]
    var values = route.values
    values[EngineSettings.name] = parts.compactMap { key, value in value.map { "\(key): \($0)" } }
      .joined(separator: ", ")
    return ProviderReference(name, values)
  }

  /// CRUN's face swap.
  public static func crun(at place: Place = .vendor) -> ProviderReference {
    ProviderReference("crun", place.settings)
  }

  /// API in One's face swap.
  public static func apiInOne(at place: Place = .vendor) -> ProviderReference {
    ProviderReference("apiinone", place.settings)
  }

  /// Ace Data Cloud's face swap.
  public static func aceData(at place: Place = .vendor) -> ProviderReference {
    ProviderReference("acedata", place.settings)
  }
}
