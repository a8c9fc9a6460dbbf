import Core
import Foundation
import Testing

/// `report.html` of a run, opened in a real browser from the disk.
@Suite(.serialized, .enabled(if: Browser.absence == nil, "\(Browser.absence ?? "")"))
struct ReportPageTests {
  private func browsing(_ page: String, _ body: (Browser) async throws -> Void) async throws {
    let browser = try await Browser(width: 1200, height: 900)
    let outcome: Result<Void, any Error>
    do {
      try await browser.open("file://" + page)
      try await browser.wait(for: "document.getElementById('count').textContent")
      try await body(browser)
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await browser.stop()
    try outcome.get()
  }

  private static let line = """
    version: 1
    name: two shops
    providers: { crun: { at: embedded } }
    stages:
      - fetch
      - normalize: { for: swap, maximum_side: 600 }
      - host
      - swap: { provider: crun }
      - resize: { name: amazon, width: 2000, height: 2000, format: jpg }
      - inspect: { file: amazon, minimum_long_side: 1500 }
      - resize: { name: etsy, width: 400, height: 300, fit: pad, format: jpg }
      - metadata
    """

  @Test func aRunsItemsAreSeenFilteredAndPicked() async throws {
    let workshop = try Workshop()
    let pipeline = try workshop.write(Self.line, to: "line.yaml")
    let end = try await swapline([
      "run", pipeline, "--scene", fixture("scenes/portrait.jpg"), "--scene",
      fixture("scenes/two-people.jpg"), "--scene", fixture("scenes/no-face.jpg"),
      "--scene", fixture("moving/person.gif"), "--face",
      fixture("faces/ben.jpg"), "--out", workshop.path("out"),
    ])
    #expect(end.status == 4, "\(end.messages)")
    try await browsing(workshop.path("out/report.html")) { browser in
      func text(_ script: String) async throws -> String {
        try await browser.run("return String(\(script))").string ?? ""
      }
      func count() async throws -> String {
        try await text("document.getElementById('count').textContent")
      }
      func select(_ id: String, _ value: String) async throws {
        try await browser.run(
          """
          const found = document.getElementById(arguments[0]);
          found.value = arguments[1]; found.dispatchEvent(new Event('change'));
          """, [.string(id), .string(value)])
      }
      #expect(try await count() == "4 of 4")
      try await browser.wait(
        for: "[...document.querySelectorAll('article img')].every((i) => i.naturalWidth > 0)")
      try await browser.screenshot("report")
      try await select("state", "failed")
      #expect(try await count() == "1 of 4")
      #expect(try await text("document.querySelector('.error').textContent").contains("no face"))
      try await select("state", "")
      try await select("finding", "minimum_long_side")
      #expect(try await count() == "3 of 4")
      #expect(
        try await text("document.querySelector('.finding').textContent")
          .contains("result-amazon.jpg"))
      try await select("finding", "")
      try await select("shop", "etsy")
      #expect(try await count() == "3 of 4")
      try await select("shop", "")
      try await select("sort", "seconds")
      let seconds = try await browser.run("return shown.map((item) => item.seconds || 0)")
      let values = seconds.array?.compactMap(\.double) ?? []
      #expect(values.count == 4 && values == values.sorted(by: >))
      try await browser.run(
        """
        const found = document.getElementById('text');
        found.value = 'two-PEOPLE'; found.dispatchEvent(new Event('input'));
        """)
      try await browser.wait(for: "document.getElementById('count').textContent === '1 of 4'")
      // Blinking shows the scene where the result stood.
      try await browser.run("document.querySelector('.result').click()")
      #expect(
        try await text("getComputedStyle(document.querySelector('.blink .under')).visibility")
          == "visible")
      try await browser.run("document.getElementById('all').click()")
      let lines = try await text("lines()")
      let again = try workshop.write(lines, to: "again.jsonl")
      let second = try await swapline([
        "run", pipeline, "--items", again, "--out", workshop.path("out"),
      ])
      #expect(second.status == 0, "\(second.messages)")
      #expect(second.messages.contains("1 of 1 item done"), "\(second.messages)")
      #expect(second.messages.contains("1 of them done before"), "\(second.messages)")
    }
  }

  @Test func tenThousandItemsOpen() async throws {
    let workshop = try Workshop()
    let out = workshop.path("out")
    let facts: JSONValue = [
      "id": "x", "findings": [], "renditions": [],
      "stages": [["stage": "fetch", "seconds": .double(0.5)]],
      "source": ["scene": "</script><script>document.title='broken'</script>.jpg"],
      "history": [["kind": "size", "from": "1", "to": "2", "reason": "</script> & \u{2028}"]],
      "scene": [
        "file": "scene.jpg", "width": 100, "height": 80, "format": "jpg", "size": 5_000,
        "frames": 1,
      ],
    ]
    let bytes = Data(try JSONText.bytes(facts))
    for number in 0..<10_000 {
      let folder = "\(out)/item-\(number)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try bytes.write(to: URL(filePath: folder + "/asset.json"))
    }
    // A run of one failing item writes the page of everything that lies there.
    let pipeline = try workshop.write(
      "version: 1\nname: many\nstages: [fetch, metadata]\n", to: "line.yaml")
    let end = try await swapline(["run", pipeline, "--scene", "/nowhere.jpg", "--out", out])
    #expect(end.status == 1, "\(end.messages)")
    try await browsing(out + "/report.html") { browser in
      let count = try await browser.run("return document.getElementById('count').textContent")
      #expect(count == "10,001 of 10,001")
      #expect(try await browser.run("return document.title") == "Swapline report")
      // The cards are made as they are scrolled to.
      let cards = try await browser.run("return document.querySelectorAll('article').length")
      #expect(cards.int ?? .max < 500)
      let took = try await browser.run(
        "const start = performance.now(); choose(); return performance.now() - start")
      #expect(took.double ?? .infinity < 3_000)
    }
  }
}
