import Core
import Hosting
import Pipelines
import Processing

/// Puts scene and face where a provider can fetch them.
public struct Host: Stage {
  /// The host's name.
  public var host: HostName
  /// How long the addresses work.
  public var lifetime: TimeSpan

  /// Puts files on `host`, at addresses that work for `lifetime`.
  public init(to host: HostName, lifetime: TimeSpan = .hours(1)) {
    self.host = host
    self.lifetime = lifetime
  }

  /// Puts files on `host`, at addresses that work for `lifetime`.
  @available(*, deprecated, renamed: "init(to:lifetime:)")
  public init(on host: HostName, lifetime: TimeSpan = .hours(1)) {
    self.init(to: host, lifetime: lifetime)
  }

  /// Serves files from this process for an hour.
  public init() {
    self.init(to: .embedded)
  }

  public static let declaration = StageDeclaration<Host>(
    "host", "Puts scene and face at addresses that the provider can fetch, and that expire.",
    example: "host: { to: embedded, lifetime: 1h }", isLasting: false,
    parameters: [
      Parameter(
        "to", \.host,
        "The host: embedded serves the files from this process, upload puts them into the provider's "
          + "own storage.", formerly: ["on", "true"]),
      Parameter("lifetime", \.lifetime, "How long the addresses work.") {
        $0 >= .minutes(1) ? nil : "A provider needs at least a minute to fetch."
      },
    ])

  public var needs: [StageNeed] { [.host(name: host.name)] }

  public func run(_ input: Fetched, in context: StageContext) async throws -> Hosted {
    var asset = input.asset
    guard let host = try context.resources.require(HostsKey.self)[host.name] else {
      throw SwaplineError(
        .internal, "The host '\(host.name)' was not made ready for this run.")
    }
    for role in [Role.scene, .face] {
      guard let media = try await stripped(role, of: &asset, in: context) else { continue }
      let address = try await host.publish(
        HostedFile(
          path: context.folder.file(media), format: media.format, size: media.size,
          digest: media.digest, lifetime: lifetime))
      asset.addresses[role] = Address(url: address.url, expires: address.expires.map(Double.init))
    }
    asset.metadata = asset.metadata ?? .strip
    asset.hosting = HostingFacts(host: self.host.name, lifetime: lifetime)
    asset.note("\(asset.addresses.count) files on \(self.host.name) for \(lifetime)")
    return try Hosted(asset)
  }
}

extension Host {
  /// The file of `role` without private data, which `normalize` may have decided upon before.
  private func stripped(
    _ role: Role, of asset: inout Asset, in context: StageContext
  ) async throws -> Media? {
    guard let media = asset.media[role], asset.metadata == nil else { return asset.media[role] }
    let answer = try await context.media.normalize(
      NormalizeRequest(
        file: context.folder.file(media), output: context.folder.temporaryFile("stripped"),
        limits: MediaLimits()))
    if let file = answer.file { try context.folder.keep(file, as: answer.media) }
    asset.media[role] = answer.media
    asset.history += answer.changes.map { $0.of(role) }
    return answer.media
  }
}

extension Host: ForeseeingStage {
  public func foresee(
    _ path: String, as role: Role, settings: [String: String], media: any MediaService
  ) async throws -> [Change] {
    try await media.normalize(
      NormalizeRequest(file: path, output: path, limits: MediaLimits(), foresees: true)
    ).changes.map { $0.of(role) }
  }
}

extension Change {
  /// The change as one to the file of `role`.
  func of(_ role: Role) -> Change {
    var copy = self
    copy.role = role
    return copy
  }
}

/// A host by its name in pipeline files.
public struct HostName: ParameterValue {
  /// The name.
  public let name: String

  /// This process, on loopback.
  public static let embedded = HostName("embedded")

  /// The host called `name`.
  public init(_ name: String) {
    self.name = name
  }

  public init(parameter node: SourceNode) throws(ParameterProblem) {
    let name = try String(parameter: node)
    let known = Hosts.all.map(\.name)
    guard known.contains(name) else {
      throw ParameterProblem(
        "There is no host '\(name)'.", at: node.place,
        hint: Suggestion.hint(for: name, among: known))
    }
    self.init(name)
  }

  public var printed: JSONValue { .string(name) }
  public static var schema: JSONValue {
    ["enum": .array(Hosts.all.map { .string($0.name) })]
  }
  public static var expectation: String { "a host's name" }
}
