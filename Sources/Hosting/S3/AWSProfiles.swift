import Core
import FoundationEssentials

/// Credentials and region as AWS's own tools find them: the environment, then the files
/// `~/.aws/credentials` and `~/.aws/config`.
///
/// Source: "Configuration and credential file settings" of the AWS CLI's user guide.
struct AWSProfiles: Sendable {
  let environment: [String: String]
  /// The profile that was asked for; nil leaves it to the environment.
  let profile: String?

  /// The most bytes of a file that are read; people have a few thousand.
  private static let maximumSize = 1 << 20

  /// The profile that counts.
  var name: String { profile ?? text("AWS_PROFILE") ?? "default" }

  /// The region that the environment or the profile names.
  func region() throws -> String? {
    if let region = text("AWS_REGION") ?? text("AWS_DEFAULT_REGION") { return region }
    return try section()["region"]
  }

  /// The keys. Those of the environment count before a file's, unless a profile was asked for. Throws
  /// `SwaplineError` that says where was looked.
  func credentials() async throws -> AWSCredentials {
    if profile == nil, let id = text("AWS_ACCESS_KEY_ID"),
      let secret = text("AWS_SECRET_ACCESS_KEY")
    {
      return try made(
        id, secret, text("AWS_SESSION_TOKEN"), "the environment variable AWS_ACCESS_KEY_ID")
    }
    let values = try section()
    if let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] {
      return try made(id, secret, values["aws_session_token"], "the profile '\(name)'")
    }
    if let line = values["credential_process"] { return try await credentials(printedBy: line) }
    let elsewhere = ["sso_session", "sso_start_url", "role_arn"].first { values[$0] != nil }
    throw SwaplineError(
      .unauthorized,
      "There are no keys for the S3 storage: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, "
        + "and the profile '\(name)' in \(credentialsFile) has none.",
      hint: elsewhere.map {
        "The profile has '\($0)', which only AWS's own tools follow: add 'credential_process = aws "
          + "configure export-credentials --profile \(name)' to a profile of its own in \(configFile)."
      } ?? "Set both variables, or write the keys into \(credentialsFile).")
  }

  private var credentialsFile: String {
    text("AWS_SHARED_CREDENTIALS_FILE") ?? home + "/.aws/credentials"
  }
  private var configFile: String { text("AWS_CONFIG_FILE") ?? home + "/.aws/config" }
  private var home: String { text("HOME") ?? "" }

  private func text(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  private func made(
    _ id: String, _ secret: String, _ token: String?, _ source: String, expires: Int64? = nil
  ) throws -> AWSCredentials {
    let token = token.flatMap { $0.isEmpty ? nil : $0 }
    for text in [id, secret, token ?? "x"]
    where text.isEmpty || !text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
      throw SwaplineError(
        .unauthorized, "The keys in \(source) contain more than printable ASCII.",
        hint: "Copy them again, without spaces or quotes.")
    }
    return AWSCredentials(
      keyID: id, secret: Secret(secret), sessionToken: token.map { Secret($0) }, expires: expires,
      source: source)
  }

  /// The values of the profile in both files; those of the file of credentials count before.
  private func section() throws -> [String: String] {
    let config = Self.sections(try Self.contents(configFile))
    let keys = Self.sections(try Self.contents(credentialsFile))
    return (config["profile \(name)"] ?? (name == "default" ? config["default"] : nil) ?? [:])
      .merging(keys[name] ?? [:]) { $1 }
  }

  private static func contents(_ path: String) throws -> String {
    guard FileManager.default.fileExists(atPath: path) else { return "" }
    guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= maximumSize else {
      throw SwaplineError(
        .unauthorized, "The file \(path) cannot be read.",
        hint: "Make sure that it belongs to you and is a text file.")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// What stands under each `[name]`; settings that are indented belong to the one above them, and are
  /// passed over.
  static func sections(_ text: String) -> [String: [String: String]] {
    var sections: [String: [String: String]] = [:]
    var current: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let trimmed = line.trimmed
      if trimmed.isEmpty || trimmed.hasPrefix("#") || trimmed.hasPrefix(";") { continue }
      if trimmed.hasPrefix("["), let end = trimmed.firstIndex(of: "]") {
        let words = trimmed[trimmed.index(after: trimmed.startIndex)..<end]
          .split(whereSeparator: \.isWhitespace)
        let name = words.joined(separator: " ")
        current = name
        sections[name] = sections[name] ?? [:]
      } else if let current, line.first?.isWhitespace == false,
        let mark = trimmed.firstIndex(of: "=")
      {
        let value = trimmed[trimmed.index(after: mark)...].trimmed
        sections[current]?[trimmed[..<mark].trimmed.lowercased()] = value
      }
    }
    return sections
  }

  /// Source: "Sourcing credentials with an external process" of the AWS CLI's user guide.
  private func credentials(printedBy line: String) async throws -> AWSCredentials {
    func failed(_ why: String) -> SwaplineError {
      SwaplineError(
        .unauthorized, "The credential_process of the profile '\(name)' \(why).",
        hint:
          "Run it in a shell: it must print JSON with Version 1, AccessKeyId and SecretAccessKey.")
    }
    let program = ShellProgram(line: line, environment: environment, timeout: .minutes(1))
    let ending: ShellProgram.Ending
    do {
      ending = try await program.run(input: [])
    } catch is ShellProgram.Failure {
      throw failed("did not end within a minute")
    }
    guard ending.code == 0 else { throw failed("ended with exit code \(ending.code)") }
    guard let answer = try? JSONValue(parsing: ending.output), answer["Version"]?.int == 1,
      let id = answer["AccessKeyId"]?.string, let secret = answer["SecretAccessKey"]?.string
    else { throw failed("printed no keys") }
    let end = try answer["Expiration"]?.string.map { text in
      guard let date = try? Date(text, strategy: .iso8601) else {
        throw failed("printed an 'Expiration' that is not a time")
      }
      return Int64(date.timeIntervalSince1970)
    }
    return try made(
      id, secret, answer["SessionToken"]?.string, "the credential_process of '\(name)'",
      expires: end)
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
