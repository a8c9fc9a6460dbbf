import Core
import Curl
import Foundation
import Testing

/// Headless Chromium, driven by Debian's `chromedriver` (W3C WebDriver).
final class Browser: Sendable {
  /// Why tests that need one are skipped here; nil where they run.
  static let absence = Tool.absence("chromium", "chromedriver")

  private let driver: Started
  private let base: String
  private let client = HTTPClient()
  private let session: String

  /// Starts a browser with a window of this size.
  init(width: Int = 1100, height: Int = 1000, isDark: Bool = false) async throws {
    let (driver, port) = try await Self.startedDriver()
    self.driver = driver
    base = "http://127.0.0.1:\(port)"
    let options: [String] =
      [
        // Tests may run as root, in a container without a sandbox of its own.
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
        "--window-size=\(width),\(height)", "--hide-scrollbars",
      ] + (isDark ? ["--force-dark-mode"] : [])
    let wanted: JSONValue = [
      "capabilities": [
        "alwaysMatch": [
          "goog:loggingPrefs": ["browser": "ALL"],
          "goog:chromeOptions": ["args": .array(options.map { .string($0) })],
        ]
      ]
    ]
    let answer = try? await Self.call(client, "POST", base + "/session", wanted)
    guard let id = answer?["sessionId"]?.string else {
      driver.signal(SIGKILL)
      throw SwaplineError(.unavailable, "No browser was started: \(driver.messagesSoFar)")
    }
    session = base + "/session/" + id
    // A window is never narrower than 500 pixels; what a page is told of the screen can be.
    let screen: JSONValue = [
      "cmd": "Emulation.setDeviceMetricsOverride",
      "params": [
        "width": .int(Int64(width)), "height": .int(Int64(height)), "deviceScaleFactor": 1,
        "mobile": false,
      ],
    ]
    _ = try await call("POST", "/goog/cdp/execute", screen)
  }

  // The driver takes a free port over IPv4 and then the same one over IPv6, and ends when that is not
  // free: then another try takes another port.
  private static func startedDriver() async throws -> (Started, Substring) {
    var said: [String] = []
    for _ in 0..<5 {
      let driver = try Started("/usr/bin/env", ["chromedriver", "--port=0"])
      while driver.isRunning {
        if let port = driver.outputSoFar.firstMatch(of: /successfully on port (\d+)/)?.1 {
          return (driver, port)
        }
        try await Task.sleep(for: .milliseconds(20))
      }
      said.append(driver.outputSoFar + driver.messagesSoFar)
    }
    throw SwaplineError(.unavailable, "No driver was started: \(said.joined(separator: " / "))")
  }

  /// Ends the browser and its driver.
  func stop() async {
    _ = try? await Self.call(client, "DELETE", session)
    // A test runner that ignores SIGTERM hands that on to what it starts.
    driver.signal(SIGKILL)
    _ = await driver.wait()
  }

  func open(_ url: String) async throws {
    _ = try await call("POST", "/url", ["url": .string(url)])
  }

  /// Runs a script with `arguments` and gives back what it returns.
  @discardableResult
  func run(_ script: String, _ arguments: [JSONValue] = []) async throws -> JSONValue {
    try await call(
      "POST", "/execute/sync", ["script": .string(script), "args": .array(arguments)])
  }

  /// Waits until a script returns true.
  func wait(for script: String, seconds: Int = 60) async throws {
    for _ in 0..<seconds * 20 {
      if try await run("return Boolean(\(script))") == true { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    let text = try await run("return document.body.innerText")
    throw SwaplineError(.timeout, "\(script) did not become true: \(text.string ?? "")")
  }

  /// Types into the element that `selector` finds; a path of a file into an input of files.
  func type(_ text: String, into selector: String) async throws {
    let found = try await call(
      "POST", "/element", ["using": "css selector", "value": .string(selector)])
    guard case .object(let parts) = found, let id = parts.values.first?.string else {
      throw SwaplineError(.notFound, "There is no \(selector).")
    }
    _ = try await call("POST", "/element/\(id)/value", ["text": .string(text)])
  }

  /// Drops the file at `path` on the element that `selector` finds, as a person's mouse would.
  func drop(_ path: String, on selector: String) async throws {
    try await run(
      """
      const input = document.createElement('input');
      input.type = 'file'; input.id = 'dropped'; document.body.append(input);
      """)
    try await type(path, into: "#dropped")
    try await run(
      """
      const input = document.getElementById('dropped'), data = new DataTransfer();
      data.items.add(input.files[0]);
      for (const name of ['dragenter', 'dragover', 'drop']) {
        document.querySelector(arguments[0]).dispatchEvent(
          new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
      input.remove();
      """, [.string(selector)])
  }

  /// Barriers that axe-core finds in the page: the rule, and the element that breaks it. Nil where axe-core
  /// was not brought (`Scripts/fetch-axe`).
  func barriers() async throws -> [String]? {
    let folder = Workshop.root.appending(path: ".build/axe").path
    guard
      let name = try? FileManager.default.contentsOfDirectory(atPath: folder).first(where: {
        $0.hasSuffix(".js")
      })
    else { return nil }
    try await run(try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
    try await run(
      """
      window.barriers = null;
      axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }).then((found) => {
        window.barriers = found.violations.flatMap((one) =>
          one.nodes.map((node) => `${one.id}: ${node.target.join(' ')} ${node.failureSummary}`));
      });
      """)
    try await wait(for: "window.barriers")
    return try await run("return window.barriers").array?.compactMap(\.string)
  }

  /// What the page wrote to the console as an error, since the last call.
  func consoleErrors() async throws -> [String] {
    let log = try await call("POST", "/se/log", ["type": "browser"])
    return (log.array ?? []).filter { $0["level"] == "SEVERE" }.compactMap { $0["message"]?.string }
  }

  /// A picture of the page, kept under `name` where SWAPLINE_SCREENSHOTS names a folder.
  func screenshot(_ name: String) async throws {
    let answer = try await call("GET", "/screenshot")
    guard let folder = ProcessInfo.processInfo.environment["SWAPLINE_SCREENSHOTS"],
      let data = answer.string.flatMap({ Data(base64Encoded: $0) })
    else { return }
    try data.write(to: URL(filePath: folder).appending(path: name + ".png"))
  }

  private func call(
    _ method: String, _ path: String, _ body: JSONValue? = nil
  ) async throws -> JSONValue {
    try await Self.call(client, method, session + path, body)
  }

  private static func call(
    _ client: HTTPClient, _ method: String, _ url: String, _ body: JSONValue? = nil
  ) async throws -> JSONValue {
    let content = try body.map { HTTPRequest.Body.bytes(try JSONText.bytes($0)) } ?? .none
    let response = try await client.send(
      HTTPRequest(
        method, url, headers: ["Content-Type": "application/json"], body: content,
        timeout: .seconds(60), maximumBytes: 50_000_000, addressPolicy: .any))
    let value = try JSONValue(parsing: response.body)["value"] ?? .null
    guard response.isSuccess else {
      throw SwaplineError(
        .network, "The browser answered \(response.status): \(value["message"]?.string ?? "").")
    }
    return value
  }
}
