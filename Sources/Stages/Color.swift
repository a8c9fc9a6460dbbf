import Core
import Pipelines

/// A colour of three 8-bit samples in sRGB, written `#rrggbb`.
public struct Color: ParameterValue {
  /// Red, green and blue, 0 to 255.
  public let samples: [UInt8]

  /// A colour.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    samples = [red, green, blue]
  }

  /// White, which shops ask for.
  public static let white = Color(red: 255, green: 255, blue: 255)

  public init(parameter node: SourceNode) throws(ParameterProblem) {
    guard let text = node.text else { throw Self.problem(node) }
    switch text.lowercased() {
    case "white": self = .white
    case "black": self = Color(red: 0, green: 0, blue: 0)
    default:
      guard text.hasPrefix("#"), text.utf8.count == 7,
        let bytes = [UInt8](hexadecimal: String(text.dropFirst()))
      else { throw Self.problem(node) }
      self = Color(red: bytes[0], green: bytes[1], blue: bytes[2])
    }
  }

  public var printed: JSONValue { .string("#" + samples.hexadecimal) }
  public static var schema: JSONValue {
    ["type": "string", "pattern": "^(#[0-9a-fA-F]{6}|white|black)$"]
  }
  public static var expectation: String { "a colour such as '#ffffff'" }

  // In YAML an unquoted # begins a comment, so nothing at all is what usually arrives.
  private static func problem(_ node: SourceNode) -> ParameterProblem {
    ParameterProblem(
      "Expected a colour such as '#ffffff', found \(node.found).", at: node.place,
      hint: "Put it in quotes: an unquoted # begins a comment.")
  }
}
