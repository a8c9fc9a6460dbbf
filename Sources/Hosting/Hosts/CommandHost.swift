import Core
import Curl

extension HostDescriptor {
  /// See `CommandHost`.
  package static let command = HostDescriptor(
    name: "command",
    summary: "Your own program, which puts a file somewhere and prints its address.",
    settings: [
      HostSetting(
        "run",
        "The shell command: it reads a JSON object (action, path, type, …) from its standard input and "
          + "prints one with the url; docs/hosts.md describes both.", isRequired: true
      ) {
        $0.allSatisfy(\.isWhitespace) ? "The command is empty." : nil
      },
      HostSetting(
        "timeout", "The longest time for one file, such as 2m.", defaultValue: "2m"
      ) { text in
        TimeSpan(parsing: text).map { $0.milliseconds > 0 } == true
          ? nil : "'timeout' must be a time such as 30s or 2m, not '\(text)'."
      },
    ]
  ) { settings in
    let timeout = TimeSpan(parsing: try settings.wanted("timeout")) ?? .minutes(2)
    return CommandHost(
      name: settings.given.name, line: try settings.wanted("run"),
      environment: settings.given.environment, timeout: timeout, share: settings.given.share)
  }
}

/// Has a program of the user's put files where it knows, one start of the program a file.
///
/// The same bytes are put once while their address lasts. After a file's last use the program is given back
/// what it wanted to have given back, to remove it.
package final class CommandHost: Host {
  package var withdrawsFiles: Bool { true }
  private let name: String
  private let program: ShellProgram
  private let files: PlacedFiles
  package var placed: PlacedFiles? { files }
  private let now: @Sendable () -> Int64

  /// A host that runs the shell command `line` with these environment variables.
  package init(
    name: String, line: String, environment: [String: String], timeout: TimeSpan = .minutes(2),
    share: HostingShare? = nil, now: @escaping @Sendable () -> Int64 = Clock.epoch
  ) {
    self.name = name
    // Its program alone knows the addresses, and has told them to an earlier run.
    files = PlacedFiles(name, share, reuses: false)
    program = ShellProgram(line: line, environment: environment, timeout: timeout)
    self.now = now
  }

  package func publish(_ file: HostedFile) async throws -> HostedAddress {
    try file.checkIsThere()
    let ends = now() + (file.lifetime.milliseconds + 999) / 1_000
    let place = try await files.place(
      of: file, named: SecretName(file.format).description,
      isGood: { ($0.address?.expires ?? .max) >= ends },
      put: { try await self.put(file, as: $0.key) })
    guard let address = place.address else {
      throw SwaplineError(.internal, "The host '\(name)' has no address for a file.")
    }
    return address
  }

  private func put(_ file: HostedFile, as name: String) async throws -> PlacedFiles.Placed {
    // Longer than this item needs, so that the next one with the same file can use the address.
    let lifetime = file.lifetime.milliseconds / 1_000
    let asked = lifetime < 86_400 ? lifetime + min(lifetime, 3_600) : lifetime
    let answer = try await ask([
      "version": 1, "action": "put", "path": .string(file.path), "name": .string(name),
      "type": .string(file.format.mimeType), "extension": .string(file.format.name),
      "size": .int(file.size), "sha256": .string(file.digest.hex), "lifetime": .int(asked),
    ])
    guard case .object = answer ?? .null, let answer else {
      throw failed("printed no JSON object", remedy)
    }
    guard let url = answer["url"]?.string else {
      throw failed("printed JSON without a string 'url'", remedy)
    }
    do {
      _ = try WebAddress(url)
    } catch {
      throw failed(
        "printed the url '\(url.prefix(200))', which cannot be fetched. \(error.detail)", remedy)
    }
    let expires = answer["expires"].flatMap { $0 == .null ? nil : $0 }
    let end = expires?.int
    guard expires == nil || end != nil else {
      throw failed("printed an 'expires' that is not a whole number of seconds since 1970", remedy)
    }
    if let end, end <= now() {
      throw failed(
        "gave an address that has expired already",
        "'expires' is in seconds since 1970; make sure that the clocks are right.")
    }
    let token = answer["remove"].flatMap { $0 == .null ? nil : $0 }
    guard token == nil || token?.string != nil else {
      throw failed("printed a 'remove' that is not a string", remedy)
    }
    return PlacedFiles.Placed(
      key: token?.string, address: HostedAddress(url: url, expires: end),
      isRemovable: token != nil)
  }

  package func stop() async throws {
    try await removeAll(of: name, from: "the place where its program has put them")
  }

  /// Gives the program what it wanted to have given back. Of a file of which a kill left no answer it is
  /// given the name that it was to have.
  package func remove(_ keys: [String]) async -> [String: SwaplineError] {
    do {
      _ = try await ask([
        "version": 1, "action": "remove", "remove": .array(keys.map { .string($0) }),
      ])
      return [:]
    } catch {
      let error =
        (error as? PlacedFiles.NothingPut)?.reason ?? error as? SwaplineError
        ?? SwaplineError(.cancelled, "It was stopped.")
      return Dictionary(keys.map { ($0, error) }, uniquingKeysWith: { $1 })
    }
  }

  private let remedy =
    "It must print one JSON object such as {\"url\": \"https://…\"}, and nothing else, on its standard "
    + "output; docs/hosts.md has examples."

  private func failed(_ what: String, _ hint: String) -> SwaplineError {
    SwaplineError(.unavailable, "The program of the host '\(name)' \(what).", hint: hint)
  }

  /// Runs the program with `request` on its standard input; nil when it prints nothing that is JSON. Throws
  /// `PlacedFiles.NothingPut` when it says by its exit code that it has failed.
  private func ask(_ request: JSONValue) async throws -> JSONValue? {
    let ending: ShellProgram.Ending
    do {
      ending = try await program.run(input: Array(try JSONText.line(request).utf8) + [0x0A])
    } catch let failure as ShellProgram.Failure {
      switch failure {
      case .notStarted(let reason):
        throw failed(
          "could not be started: \(reason)", "Raise the limits on processes (ulimit -u).")
      case .tooLong:
        throw SwaplineError(
          .timeout,
          "The program of the host '\(name)' did not end within \(program.timeout) and was stopped.",
          hint: "Raise 'timeout', or see in a shell what it waits for.")
      case .tooMuch:
        throw failed("printed more than a megabyte and was stopped", remedy)
      }
    }
    guard ending.code == 0 else {
      let said = ending.messages.split(whereSeparator: \.isNewline).last.map {
        ": \($0.prefix(300))"
      }
      let end =
        ending.code > 128
        ? "was ended by signal \(ending.code - 128)" : "ended with exit code \(ending.code)"
      throw PlacedFiles.NothingPut(
        reason: failed(
          end + (said ?? "").hidingQueries,
          ending.code == 127
            ? "Exit code 127 is the shell's for a command that it does not find."
            : "Run it in a shell, with a line of JSON on its standard input, to see why."))
    }
    return try? JSONValue(parsing: ending.output)
  }
}
