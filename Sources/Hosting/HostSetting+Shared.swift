import Core
import Curl

extension HostSetting {
  /// Whether what is put stays after the run.
  static let keep = HostSetting(
    "keep", "Whether files stay after the run instead of being removed: true or false.",
    defaultValue: "false", words: ["true", "false"])

  /// Where others fetch what is put.
  static let publicBase = HostSetting(
    "public_base",
    "Public base address of the files, such as that of a CDN in front of the storage."
  ) { HostSetting.addressProblem($0, "public_base") }

  /// What is wrong with `text`, the value of `name`, as the address of a folder; nil when it is valid.
  static func addressProblem(_ text: String, _ name: String) -> String? {
    do {
      let address = try WebAddress(text)
      return address.query == nil
        ? nil : "'\(name)' must be an address without a query, not '\(text.shownAddress)'."
    } catch {
      return "'\(name)' must be an address such as https://files.example.com, not "
        + "'\(text.shownAddress)': \(error.detail)"
    }
  }
}

extension WebAddress {
  /// The address without a slash at its end.
  var folder: String {
    var text = origin + path
    while text.hasSuffix("/") { text.removeLast() }
    return text
  }
}
