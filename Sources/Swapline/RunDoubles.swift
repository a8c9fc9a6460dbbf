import Hosting
import Providers

/// What stands in for vendors and hosts in a test of a pipeline.
package struct RunDoubles: Sendable {
  /// The provider to call instead of a vendor's, whose results are to be put at `results`.
  package var provider:
    @Sendable (_ vendor: ProviderDescriptor, _ results: any Hosting.Host) -> any Provider
  /// The host to use instead of each one that the pipeline names.
  package var host: any Hosting.Host

  package init(
    provider:
      @escaping @Sendable (_ vendor: ProviderDescriptor, _ results: any Hosting.Host) ->
      any Provider,
    host: any Hosting.Host
  ) {
    self.provider = provider
    self.host = host
  }
}
