import Core
import Hosting
import Pipelines

/// A host as a composition names it: its name in the pipeline, and what it is.
public struct HostReference: ParameterValue {
  /// The name.
  public let name: String
  /// What it is, when that was written in Swift; a pipeline file has it under `hosts`.
  public let route: HostRoute?

  /// This process, on loopback.
  public static let embedded = HostReference(HostDescriptor.embedded.name)
  /// The called provider's own storage.
  public static let upload = HostReference(HostDescriptor.upload.name)
  /// The address that a file was fetched from, where nothing was changed.
  public static let asIs = HostReference(HostDescriptor.asIs.name)

  /// The host called `name`: a kind at its defaults, or an entry of the pipeline file's `hosts`.
  public init(_ name: String) {
    self.name = name
    route = nil
  }

  /// A host of a kind with these settings, called `name` in plans, notes and errors.
  ///
  ///     HostReference("photos", kind: "s3", ["bucket": "inputs", "region": "eu-central-1"])
  public init(_ name: String, kind: String, _ settings: [String: String]) {
    self.name = name
    route = HostRoute(kind, settings)
  }

  public init(parameter node: SourceNode) throws(ParameterProblem) {
    self.init(try String(parameter: node))
  }

  public var printed: JSONValue { .string(name) }
  public static var schema: JSONValue { ["type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"] }
  public static var expectation: String { "a host's name" }
}

/// Hosts in the order in which they are tried: the first that takes a file has it.
public struct HostOrder: ParameterValue {
  /// The hosts, at least one.
  public let hosts: [HostReference]

  /// These hosts, in order.
  public init(_ hosts: [HostReference]) {
    self.hosts = hosts
  }

  public init(parameter node: SourceNode) throws(ParameterProblem) {
    hosts = try [HostReference](parameter: node)
    guard !hosts.isEmpty else {
      throw ParameterProblem("The list of hosts is empty.", at: node.place, hint: "Name one.")
    }
    guard Set(hosts.map(\.name)).count == hosts.count else {
      throw ParameterProblem(
        "A host is listed twice.", at: node.place, hint: "Name each once.")
    }
  }

  /// One host as a text, several as a list.
  public var printed: JSONValue {
    hosts.count == 1 ? hosts[0].printed : .array(hosts.map(\.printed))
  }

  public static var schema: JSONValue {
    [
      "anyOf": [
        [
          "type": "array", "items": HostReference.schema, "minItems": 1, "uniqueItems": true,
        ], HostReference.schema,
      ]
    ]
  }
  public static var expectation: String { "\(HostReference.expectation), or a list of them" }
}
