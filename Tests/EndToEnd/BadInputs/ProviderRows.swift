import Glibc

extension BadInputSection {
  static let providers = BadInputSection(
    "Providers",
    [
      .vendor("embedded host for a provider far away", 2, "base_url: \"https://api.example.com\""),
      .vendor("no key", 2, "base_url: \"https://api.example.com\"", "--set", "host.to=upload")
        .keyless,
      .vendor("base_url that is none", 2, "base_url: nonsense"),
      .vendor(
        "key file missing", 1, "base_url: \"http://127.0.0.1:9\", key_file: /nowhere"
      ).keyless,
      .vendor(
        "key command fails", 1, "base_url: \"http://127.0.0.1:9\", key_command: \"exit 3\""
      ).keyless,
      .vendor("provider unreachable", 7, "base_url: \"http://127.0.0.1:9\""),
      .ours("wrong key", 1, "--keys", "keys.txt").variable("CRUN_API_KEY", "ak_wrong")
        .file("keys.txt", .text(keys)),
      .ours("no credits (402)", 1, "--keys", "keys.txt").variable("CRUN_API_KEY", "ak_poor")
        .file("keys.txt", .text(keys)),
      .ours("right key, last credit (works)", 0, "--keys", "keys.txt").file(
        "keys.txt", .text(keys)),
      .ours("maintenance (455)", 7, "--maintenance"),
      .ours("model disabled (505)", 1, "--disable", "image-face-swap"),
      .at(.busy, "rate limit (429): waits, and Ctrl-C ends the waiting", 130).during {
        try await $0.untilAsked("POST /crun-busy")
        $0.run.signal(SIGINT)
      },
      .at(.page, "provider is a web page", 1),
      .at(.ill, "provider answers 500", 1),
      .at(.hangsUp, "provider hangs up after the request", 1),
      .at(.hangsUp, "the same, run again: nothing is sent", 1)
        .first("{swapline}", "run", "provider.yaml", "--out", "out", "-s", scene, "-f", face)
        .requests(1, "POST"),
      .at(.brokenJSON, "provider answers broken JSON", 1),
      .at(.resultGone, "result gone (410)", 1),
      .at(.resultPage, "result is a web page", 1),
      .at(.resultFile, "result at file://", 6),
      .at(.unchanged, "result is the scene itself", 1, "--set", "normalize.maximum_side=2048"),
      .at(.fails, "task fails at the provider", 1),
      .at(.stuck, "task never ends", 1, "--set", "swap.timeout=1s"),
      .at(.vanishes, "provider goes away with the task", 1, "--set", "swap.timeout=1s"),
    ])

  private static let keys = "\(BadInput.key) 1\nak_poor 0\n"
}

extension BadInput {
  fileprivate static let key = "ak_0123456789abcdef0123456789abcdef"

  /// Without the provider's key.
  fileprivate var keyless: BadInput {
    var copy = self
    copy.variables["CRUN_API_KEY"] = nil
    return copy
  }

  /// A run whose provider has these settings.
  fileprivate static func vendor(
    _ label: String, _ code: Int32, _ settings: String, _ words: String...
  ) -> BadInput {
    BadInput(
      label, code,
      ["{swapline}", "run", "provider.yaml", "--out", "out"]
        + ["-s", BadInputSection.scene, "-f", BadInputSection.face] + words
    )
    .variable("CRUN_API_KEY", key)
    .file("provider.yaml", .text(Trial.swap.replacing("at: embedded", with: settings)))
  }

  /// A run with our own server, which is started with these words.
  fileprivate static func ours(_ label: String, _ code: Int32, _ words: String...) -> BadInput {
    var row = vendor(label, code, "base_url: \"{served}\"")
    row.beside = Companion(
      words: ["{swapline}", "serve", "--port", "0", "--allow-loopback", "--data", "data"] + words)
    return row
  }

  /// A run with a provider of that habit.
  static func at(
    _ provider: HostileProvider, _ label: String, _ code: Int32, _ words: String...
  ) -> BadInput {
    var row = vendor(label, code, "base_url: \"{web}/\(provider.rawValue)\"")
    row.words += words
    return row
  }
}
