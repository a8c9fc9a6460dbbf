import Core
import Curl
import Hosting
import Pipelines
import Providers
import Stages

/// Finds what would make every item fail, before anything is fetched or spent.
public enum Preflight {
  /// The findings of running `pipeline` with `options`.
  public static func findings(_ pipeline: Pipeline, options: RunOptions) -> [Finding] {
    pipeline.problems
      + [unusablePublicURL(options), tooManyPixels(pipeline, options)].compactMap { $0 }
      + pipeline.usedHosts.flatMap { hostProblems($0, pipeline) }
      + addressFindings(pipeline)
      + providerFindings(pipeline, options)
  }

  private static func hostProblems(_ name: String, _ pipeline: Pipeline) -> [Finding] {
    let route = pipeline.route(ofHost: name)
    guard let descriptor = Hosts.named(route.kind) else {
      let known = pipeline.hosts.keys.sorted() + Hosts.all.filter(\.needsNoEntry).map(\.name)
      return [
        Finding(
          .error, "There is no host '\(name)'.", hint: Suggestion.hint(for: name, among: known))
      ]
    }
    return descriptor.problems(with: route.values, of: name).map {
      Finding(.error, $0.message, hint: $0.hint)
    }
  }

  /// What of the addresses that a pipeline's hosts will give can be told from the pipeline alone: they
  /// outlive the wait for a task, and are such as the provider takes.
  package static func addressFindings(_ pipeline: Pipeline) -> [Finding] {
    let steps = Plan(pipeline).stages
    guard let host = steps.first(where: { $0.stage == Host.declaration.name }),
      let lifetime = host.parameters["lifetime"]?.string.flatMap({ TimeSpan(parsing: $0) })
    else { return [] }
    var findings: [Finding] = []
    let waits = steps.compactMap { step in
      step.stage == Swap.declaration.name
        ? step.parameters["timeout"]?.string.flatMap { TimeSpan(parsing: $0) } : nil
    }
    if let wait = waits.max(), wait > lifetime {
      findings.append(
        Finding(
          .error,
          "Addresses of 'host' are valid for \(lifetime), but 'swap' waits up to \(wait) for a task: the provider "
            + "may fetch after they have expired.", hint: "Write 'lifetime: \(wait)' or longer."))
    }
    let models = pipeline.calledProviders.flatMap { name in
      (try? ProviderDescriptor.named(name)?.models(with: pipeline.providers[name]?.values ?? [:]))
        ?? []
    }
    let wanted = AddressWants(
      lifetime: lifetime,
      needs: models.reduce(FetchNeeds()) { $0.joined($1.profile.fetchNeeds.value) })
    let faults = pipeline.usedHosts.map { name in
      let route = pipeline.route(ofHost: name)
      return (name, Hosts.named(route.kind)?.fault(with: route.values, for: wanted))
    }
    // Of several, one that suffices is enough.
    if let (name, fault) = faults.first, let fault, faults.allSatisfy({ $0.1 != nil }) {
      findings.append(
        Finding(.error, "The host '\(name)': \(fault.message)", hint: fault.hint))
    }
    return findings
  }

  private static func tooManyPixels(_ pipeline: Pipeline, _ options: RunOptions) -> Finding? {
    guard case .workers(let configuration) = options.media else { return nil }
    do throws(SwaplineError) {
      _ = try configuration.making(roomFor: pipeline.maximumPixels)
      return nil
    } catch {
      return Finding(.error, error.message, hint: error.hint)
    }
  }

  private static func unusablePublicURL(_ options: RunOptions) -> Finding? {
    guard let url = options.publicURL, (try? WebAddress(url)) == nil else { return nil }
    return Finding(
      .error, "The public URL '\(url)' is not an address.",
      hint: "Write it like https://example.com.")
  }

  private static func providerFindings(_ pipeline: Pipeline, _ options: RunOptions) -> [Finding] {
    pipeline.calledProviders.flatMap { name -> [Finding] in
      guard let descriptor = ProviderDescriptor.named(name) else {
        return [
          Finding(
            .error, "There is no provider '\(name)'.",
            hint: Suggestion.hint(for: name, among: ProviderDescriptor.all.map(\.name)))
        ]
      }
      let route = pipeline.providers[name] ?? ProviderRoute()
      guard !route.isEmbedded, options.doubles == nil else { return [] }
      if let url = route.values["base_url"], (try? WebAddress(url)) == nil {
        return [
          Finding(
            .error, "The base_url of '\(name)', '\(url)', is not an address.",
            hint: "Write it like https://example.com.")
        ]
      }
      return [missingKey(descriptor, route, options), unreachableHost(pipeline, route, options)]
        .compactMap { $0 }
    }
  }

  private static func missingKey(
    _ descriptor: ProviderDescriptor, _ route: ProviderRoute, _ options: RunOptions
  ) -> Finding? {
    let isNamed = route.values.keys.contains { $0.hasPrefix("key_") }
    guard !isNamed, (options.environment[descriptor.keyVariable] ?? "").isEmpty else { return nil }
    return Finding(
      .error, "The key for \(descriptor.title) is missing: \(descriptor.keyVariable) is not set.",
      hint: "Set it, or write '\(descriptor.name): { at: embedded }' under 'providers' to swap on "
        + "this machine without a key.")
  }

  private static func unreachableHost(
    _ pipeline: Pipeline, _ route: ProviderRoute, _ options: RunOptions
  ) -> Finding? {
    let isLocal = route.values["base_url"].map(Session.isLoopback) ?? false
    let local = pipeline.usedHosts.first { name in
      let host = pipeline.route(ofHost: name)
      return Hosts.named(host.kind)?.reach(with: host.values, publicURL: options.publicURL)
        == .thisMachine
    }
    guard !isLocal, let local else { return nil }
    return Finding(
      .error,
      "The host '\(local)' gives addresses on this machine, which the provider cannot fetch.",
      hint:
        "Write 'host: { to: upload }' to put them into the provider's storage, or give --public-url."
    )
  }
}
