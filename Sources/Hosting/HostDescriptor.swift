import Core

/// A kind of host: what it does, what can be set, how far its addresses reach, and how it is made.
package struct HostDescriptor: Sendable {
  /// The name in pipeline files.
  package let name: String
  /// What it does, in a line.
  package let summary: String
  /// What can be set.
  package let settings: [HostSetting]
  private let reachable: @Sendable (_ values: [String: String], _ publicURL: String?) -> HostReach
  private let lack: @Sendable (_ values: [String: String], _ wanted: AddressWants) -> SwaplineError?
  private let build: @Sendable (ValidHostSettings) throws -> any Host

  /// A kind of host. `reach` says who can fetch from one with these settings, given the public
  /// address of this process, if it has one; `fault` says why its addresses do not suffice; `build` makes one, and throws `SwaplineError`.
  package init(
    name: String, summary: String, settings: [HostSetting] = [],
    reach: @escaping @Sendable (_ values: [String: String], _ publicURL: String?) -> HostReach = {
      _, _ in .everyone
    },
    fault:
      @escaping @Sendable (_ values: [String: String], _ wanted: AddressWants) ->
      SwaplineError? = { _, _ in nil },
    build: @escaping @Sendable (ValidHostSettings) throws -> any Host
  ) {
    self.name = name
    self.summary = summary
    self.settings = settings
    reachable = reach
    lack = fault
    self.build = build
  }

  /// Whether a pipeline can use it by its own name, without an entry that sets something.
  package var needsNoEntry: Bool { !settings.contains(where: \.isRequired) }

  /// Who can fetch from a host with these settings. `publicURL` is where others reach a server of this
  /// process; nil when only this machine does.
  package func reach(with values: [String: String], publicURL: String?) -> HostReach {
    reachable(values, publicURL)
  }

  /// Why the addresses of a host with these settings do not suffice; nil where they do.
  package func fault(with values: [String: String], for wanted: AddressWants) -> SwaplineError? {
    lack(values, wanted)
  }

  /// What is wrong with `values`, the settings of a host called `name`, in sentences.
  package func problems(with values: [String: String], of name: String) -> [SwaplineError] {
    let known = settings.map(\.name)
    let unknown = values.keys.sorted().filter { !known.contains($0) }.map { key in
      SwaplineError(
        .usage, "The host '\(name)' has no setting called '\(key)'.",
        hint: known.isEmpty
          ? "A host of the kind '\(self.name)' has no settings."
          : "It has: \(known.joined(separator: ", ")).")
    }
    return unknown
      + settings.compactMap { setting in
        guard let text = values[setting.name] else {
          guard setting.isRequired else { return nil }
          return SwaplineError(
            .usage, "The host '\(name)' lacks '\(setting.name)'.", hint: setting.summary)
        }
        return setting.problem(with: text).map {
          SwaplineError(.usage, "The host '\(name)': \($0)", hint: setting.summary)
        }
      }
  }

  /// Makes a host. Throws `SwaplineError` when a setting is unknown, missing or wrong, or when what
  /// the host needs is not there; may read files, and sends nothing.
  package func make(_ settings: HostSettings) throws -> any Host {
    if let problem = problems(with: settings.values, of: settings.name).first { throw problem }
    let defaults = self.settings.compactMap { setting in
      setting.defaultValue.map { (setting.name, $0) }
    }
    return try build(
      ValidHostSettings(settings, defaults: Dictionary(defaults, uniquingKeysWith: { $1 })))
  }
}

/// What addresses must be like.
package struct AddressWants: Sendable, Hashable {
  /// How long they work.
  package var lifetime: TimeSpan
  /// What whoever fetches needs.
  package var needs: FetchNeeds

  /// What addresses must be like.
  package init(lifetime: TimeSpan, needs: FetchNeeds) {
    self.lifetime = lifetime
    self.needs = needs
  }
}

/// Who can fetch what a host gives out.
package enum HostReach: Sendable, Hashable {
  /// This machine only.
  case thisMachine
  /// The provider that keeps the files.
  case provider
  /// Everybody who knows an address.
  case everyone
}
