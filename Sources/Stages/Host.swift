import Core
import Hosting
import Pipelines
import Processing

/// Puts scene and face where a provider can fetch them.
public struct Host: Stage {
  /// The hosts, in the order in which they are tried.
  public var order: HostOrder
  /// How long the addresses remain valid.
  public var lifetime: TimeSpan

  /// Puts each file on the first of these hosts that takes it, at addresses that work for `lifetime`.
  public init(to hosts: HostReference..., lifetime: TimeSpan = .hours(1)) {
    order = HostOrder(hosts)
    self.lifetime = lifetime
  }

  /// Puts files on `host`, at addresses that work for `lifetime`.
  @available(*, deprecated, renamed: "init(to:lifetime:)")
  public init(on host: HostReference, lifetime: TimeSpan = .hours(1)) {
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
        "to", \.order,
        "The host: embedded serves the files from this process, upload puts them into the provider's "
          + "own storage, as_is hands on the address that a file was fetched from, another name is an "
          + "entry under 'hosts'. Of a list, the first that takes a file has it.",
        formerly: ["on", "true"]
      ) {
        $0.hosts.isEmpty ? "One host at least is needed." : nil
      },
      Parameter("lifetime", \.lifetime, "How long the addresses remain valid.") {
        $0 >= .minutes(1) ? nil : "A provider needs at least a minute to fetch."
      },
    ])

  public var needs: [StageNeed] { order.hosts.map { .host(name: $0.name, route: $0.route) } }

  public func run(_ input: Fetched, in context: StageContext) async throws -> Hosted {
    var asset = input.asset
    let names = order.hosts.map(\.name)
    let trial = try HostTrial(names, in: context)
    var places: [String] = []
    for role in [Role.scene, .face] {
      let original = asset.media[role]
      guard let media = try await stripped(role, of: &asset, in: context) else { continue }
      // What others fetch later has to be what its digest says, whatever becomes of the original.
      try await ThreadPool.disk.run { _ in
        if let original { try context.folder.checkUnchanged(original) }
        try context.folder.own(media)
      }
      let placement = try await trial.publish(
        HostedFile(
          path: context.folder.file(media), media: media, lifetime: lifetime,
          origin: asset.origin(of: role), item: context.item))
      asset.addresses[role] = Address(
        url: placement.address.url, expires: placement.address.expires.map(Double.init))
      places.append(placement.host)
      asset.history += placement.declined.map { name, error in
        Change(.host, from: name, to: placement.host, reason: error.message.hidingQueries).of(role)
      }
    }
    asset.metadata = asset.metadata ?? .strip
    asset.hosting = HostingFacts(
      host: names[0], others: names.count > 1 ? Array(names.dropFirst()) : nil, lifetime: lifetime)
    context.note(Self.note(places, lifetime))
    return try Hosted(asset)
  }

  /// `2 files on embedded for 1h`, or `1 file on a and 1 file on b for 1h`.
  private static func note(_ places: [String], _ lifetime: TimeSpan) -> String {
    var names: [String] = []
    for name in places where !names.contains(name) { names.append(name) }
    let parts = names.map { name in
      let count = places.count { $0 == name }
      return "\(count) file\(count == 1 && names.count > 1 ? "" : "s") on \(name)"
    }
    return parts.joined(separator: " and ") + " for \(lifetime)"
  }
}

extension Asset {
  /// Where the bytes of `role` came from unchanged: the address that they were fetched from; nil when
  /// they came from elsewhere or something was changed since.
  fileprivate func origin(of role: Role) -> String? {
    guard let reference = item.reference(for: role),
      ["http://", "https://"].contains(where: { reference.lowercased().hasPrefix($0) }),
      let digest = media[role]?.digest, fetched?[role] == digest
    else { return nil }
    return reference
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

extension Host: PreviewingStage {
  public func previewChanges(
    _ path: String, as role: Role, settings: [String: String], media: any MediaService
  ) async throws -> [Change] {
    try await media.normalize(
      NormalizeRequest(file: path, output: path, limits: MediaLimits(), isPreview: true)
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
