import Core
import Hosting
import Pipelines

/// Puts scene and face where a provider can fetch them.
public struct Host: Stage {
  /// The host's name.
  public var host: HostName
  /// How long the addresses work.
  public var lifetime: TimeSpan

  /// Puts files on `host`, at addresses that work for `lifetime`.
  public init(on host: HostName, lifetime: TimeSpan = .hours(1)) {
    self.host = host
    self.lifetime = lifetime
  }

  /// Serves files from this process for an hour.
  public init() {
    self.init(on: .embedded)
  }

  public static let declaration = StageDeclaration<Host>(
    "host", "Puts scene and face at addresses that the provider can fetch, and that expire.",
    example: "host: { on: embedded, lifetime: 1h }", isLasting: false,
    parameters: [
      Parameter("on", \.host, "The host: embedded serves the files from this process."),
      Parameter("lifetime", \.lifetime, "How long the addresses work.") {
        $0 >= .minutes(1) ? nil : "A provider needs at least a minute to fetch."
      },
    ])

  public func run(_ input: Fetched, in context: StageContext) async throws -> Hosted {
    var asset = input.asset
    guard let host = try context.resources.require(HostsKey.self)[host.name] else {
      throw SwaplineError(
        .internal, "The host '\(host.name)' was not made ready for this run.")
    }
    for role in [Role.scene, .face] {
      guard let media = asset.media[role] else { continue }
      let address = try await host.publish(
        HostedFile(
          path: context.folder.file(media), format: media.format, size: media.size,
          digest: media.digest, lifetime: lifetime))
      asset.addresses[role] = Address(url: address.url, expires: address.expires.map(Double.init))
    }
    asset.hosting = HostingFacts(host: self.host.name, lifetime: lifetime)
    asset.note("\(asset.addresses.count) files on \(self.host.name) for \(lifetime)")
    return try Hosted(asset)
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
