import Core
import Foundation
import Testing

/// The page at `/`, in a real browser: `apt-get install chromium chromium-driver`.
@Suite(.serialized, .enabled(if: Browser.absence == nil, "\(Browser.absence ?? "")"))
struct PageTests {
  private func serving(
    _ body: (ServeTests.Server, Browser) async throws -> Void, width: Int = 1100,
    isDark: Bool = false
  ) async throws {
    let workshop = try Workshop()
    let server = try await ServeTests.Server(workshop, keys: "\(ServeTests.key) 20\n")
    let browser = try await Browser(width: width, isDark: isDark)
    let outcome: Result<Void, any Error>
    do {
      try await browser.open(server.url + "/")
      try await browser.wait(for: "document.getElementById('version').textContent")
      try await browser.type(ServeTests.key, into: "#key")
      try await body(server, browser)
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await browser.stop()
    _ = await server.stop()
    try outcome.get()
  }

  @Test(
    arguments: [
      ("crun-image", "scenes/portrait.jpg", "IMG", "x-api-key"),
      ("crun-gif", "moving/person.gif", "IMG", "x-api-key"),
      ("crun-video", "moving/person.mp4", "VIDEO", "x-api-key"),
      ("acedata", "scenes/portrait.jpg", "IMG", "Authorization: Bearer "),
      ("apiinone", "scenes/portrait.jpg", "IMG", "Authorization: Bearer "),
    ])
  func twoDroppedFilesBecomeAResult(
    system: String, scene: String, tag: String, header: String
  ) async throws {
    try await serving { _, browser in
      try await browser.run(
        "document.querySelector(`[value='${arguments[0]}']`).click()", [.string(system)])
      try await browser.drop(fixture(scene), on: "#scene-drop")
      try await browser.drop(fixture("faces/ben.jpg"), on: "#face-drop")
      try await browser.run("document.getElementById('go').click()")
      try await browser.wait(for: "document.getElementById('result')")
      #expect(
        try await browser.run("return document.getElementById('result').tagName").string == tag)
      try await browser.wait(
        for: "document.getElementById('result').naturalWidth > 100 "
          + "|| document.getElementById('result').videoWidth > 100")
      let curl = try await browser.run("return document.getElementById('curl').textContent").string
      #expect(curl?.hasPrefix("curl -X POST 'http://127.0.0.1:") == true)
      #expect(curl?.contains(header) == true)
      // The key is for the person's own shell to fill in.
      #expect(curl?.contains(ServeTests.key) == false)
      let answer = try await browser.run("return document.getElementById('answer').textContent")
      #expect(answer.string?.contains("/files/") == true)
      let name = try await browser.run("return document.getElementById('download').download")
      #expect(name.string?.hasPrefix("result.") == true)
      try await browser.screenshot("page-\(system)")
    }
  }

  @Test func whatIsWrongIsSaidAndNothingIsSent() async throws {
    try await serving { _, browser in
      func status() async throws -> String {
        try await browser.run("return document.getElementById('status').textContent").string ?? ""
      }
      try await browser.run("document.getElementById('go').click()")
      #expect(try await status() == "Choose a scene first.")
      try await browser.drop(fixture("moving/person.gif"), on: "#scene-drop")
      #expect(
        try await status().hasPrefix("The scene person.gif is image/gif; this system takes jpeg"))
      try await browser.run("document.querySelector(`[value='crun-gif']`).click()")
      #expect(try await status() == "")
      try await browser.drop(fixture("scenes/no-face.jpg"), on: "#face-drop")
      try await browser.run("document.getElementById('go').click()")
      try await browser.wait(for: "document.getElementById('status').classList.contains('wrong')")
      #expect(try await status().contains("no face"))
      try await browser.run("document.getElementById('key').value = 'wrong'")
      try await browser.run("document.getElementById('go').click()")
      try await browser.wait(
        for: "document.getElementById('status').textContent.includes('The key is not known.')")
      #expect(try await status() == "person.gif with no-face.jpg: The key is not known.")
    }
  }

  @Test func everythingIsReachedByTheKeyboard() async throws {
    try await serving { _, browser in
      let reached = try await browser.run(
        """
        const wanted = ['[name=system]', '#key', '#scene-file', '#face-file', '#go'];
        return wanted.every((selector) => {
          const found = document.querySelector(selector);
          found.focus();
          return document.activeElement === found && found.tabIndex === 0;
        });
        """)
      #expect(reached == true)
      let unnamed = try await browser.run(
        """
        return [...document.querySelectorAll('input, button, a, progress')].filter((found) =>
          !found.hidden && !(found.labels?.length || found.textContent.trim())).map((f) => f.id);
        """)
      #expect(unnamed == .array([]))
    }
  }

  @Test func theSessionIsKeptWithItsCreditsUntilThePageIsLeft() async throws {
    try await serving { _, browser in
      func text(_ id: String) async throws -> String {
        try await browser.run(
          "return document.getElementById(arguments[0]).textContent", [.string(id)]
        )
        .string ?? ""
      }
      try await browser.run(
        "document.getElementById('key').dispatchEvent(new Event('change'))")
      try await browser.wait(
        for: "document.getElementById('balance').textContent === '20 credits left'")
      for count in 1...2 {
        try await browser.run("document.getElementById('sample').click()")
        try await browser.wait(for: "document.querySelectorAll('.preview img').length === 2")
        try await browser.run("document.getElementById('go').click()")
        try await browser.wait(for: "document.querySelectorAll('#history li').length === \(count)")
        try await browser.wait(for: "!document.getElementById('go').disabled")
      }
      #expect(try await text("history").contains("sample-face.jpg into sample-scene.jpg"))
      #expect(try await text("balance") != "20 credits left")
      #expect(try await text("before-facts") == "Scene, sample-scene.jpg")
      // One over the other, and the slider moves where they meet.
      try await browser.run("document.getElementById('overlay').click()")
      try await browser.run(
        """
        const cut = document.getElementById('cut');
        cut.value = 25; cut.dispatchEvent(new Event('input'));
        """)
      #expect(
        try await browser.run(
          "return getComputedStyle(document.querySelector('#after')).clipPath"
        ).string?
        .contains("25%") == true)
      // An older entry can be looked at again.
      try await browser.run("document.getElementById('result').remove()")
      try await browser.run("document.querySelector('#history li:last-child button').click()")
      try await browser.wait(for: "document.getElementById('result')?.naturalWidth > 0")
      #expect(try await browser.barriers() ?? [] == [])
      #expect(try await browser.consoleErrors() == [])
      try await browser.screenshot("page-session")
    }
  }

  @Test(arguments: [(320, false), (360, true), (1100, true)])
  func fitsAPhoneAndTheDark(width: Int, isDark: Bool) async throws {
    try await serving(
      { _, browser in
        try await browser.run("document.getElementById('sample').click()")
        try await browser.wait(for: "document.querySelectorAll('.preview img').length === 2")
        try await browser.run("document.getElementById('go').click()")
        try await browser.wait(for: "document.getElementById('result')?.naturalWidth > 0")
        let overflow = try await browser.run(
          "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        #expect(overflow == 0)
        #expect(try await browser.consoleErrors() == [])
        try await browser.screenshot("page-\(width)\(isDark ? "-dark" : "")")
      }, width: width, isDark: isDark)
  }
}
