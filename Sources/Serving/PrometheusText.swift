import Core

/// Counts in Prometheus' text format 0.0.4.
package struct PrometheusText: Sendable {
  /// The type that it is served with.
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The text so far.
  package private(set) var text = ""

  /// No counts yet.
  package init() {}

  /// Adds a family of samples, each with its labels; those of equal labels are one, added up.
  package mutating func family(
    _ name: String, _ type: String, _ help: String, _ samples: [([String: String], Double)]
  ) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    var sums: [String: Double] = [:]
    var order: [String] = []
    for (labels, value) in samples {
      let written = labels.sorted { $0.key < $1.key }
        .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
      if sums[written] == nil { order.append(written) }
      sums[written, default: 0] += value
    }
    for labels in order {
      let value = sums[labels] ?? 0
      let number = Int64(exactly: value).map { "\($0)" } ?? "\(value)"
      text += name + (labels.isEmpty ? "" : "{\(labels)}") + " \(number)\n"
    }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
