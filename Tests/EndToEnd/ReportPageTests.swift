import Core
import Foundation
import Testing

/// `report.html` of a run, opened in a real browser from the disk.
@Suite(.serialized, .enabled(if: Browser.absence == nil, "\(Browser.absence ?? "")"))
struct ReportPageTests {
  /// The page in a browser, with what a person does to it.
  private struct Desk {
    let browser: Browser

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

    func press(_ key: String) async throws {
      try await browser.run(
        """
        (document.activeElement || document.body).dispatchEvent(
          new KeyboardEvent('keydown', { key: arguments[0], bubbles: true, cancelable: true }));
        """, [.string(key)])
    }

    func name() async throws -> String {
      try await text("document.getElementById('name').textContent")
    }
  }

  private func browsing(
    _ page: String, width: Int = 1200, height: Int = 900, isDark: Bool = false,
    _ body: (Desk) async throws -> Void
  ) async throws {
    let browser = try await Browser(width: width, height: height, isDark: isDark)
    let outcome: Result<Void, any Error>
    do {
      try await browser.open("file://" + page)
      try await browser.wait(for: "document.getElementById('count').textContent")
      try await body(Desk(browser: browser))
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

  /// A run of six items, one of which has no face and one of which is no picture.
  private func run(_ workshop: borrowing Workshop) async throws -> String {
    let pipeline = try workshop.write(Self.line, to: "line.yaml")
    _ = try workshop.write("no picture at all", to: "broken.jpg")
    var list = "id,scene,face,sku\n"
    for (id, scene) in [
      ("item-10", fixture("scenes/portrait.jpg")), ("item-2", fixture("scenes/two-people.jpg")),
      ("item-1", fixture("scenes/no-face.jpg")), ("moving", fixture("moving/person.gif")),
      ("broken", workshop.path("broken.jpg")), ("item-3", fixture("scenes/portrait.jpg")),
    ] {
      list +=
        "\(id),\(scene),\(fixture(id == "item-3" ? "faces/ada.jpg" : "faces/ben.jpg")),\(id.count)\n"
    }
    let end = try await swapline([
      "run", pipeline, "--items", try workshop.write(list, to: "items.csv"), "--out",
      workshop.path("out"),
    ])
    #expect(end.status == 4, "\(end.messages)")
    return pipeline
  }

  @Test func itemsAreFilteredReviewedAndRunAgain() async throws {
    let workshop = try Workshop()
    let pipeline = try await run(workshop)
    let made = try await swapline(["report", "--out", workshop.path("out")])
    #expect(made.status == 0, "\(made.messages)")
    try await browsing(workshop.path("out/report.html")) { desk in
      let browser = desk.browser
      #expect(try await desk.count() == "6 of 6")
      // Numbers by their value.
      #expect(
        try await desk.text("shown.map((item) => item.id).join()")
          == "broken,item-1,item-2,item-3,item-10,moving")
      // Every picture of a cell is a small one that was made for it; what is no picture is named.
      try await browser.wait(
        for: "[...document.querySelectorAll('article img')].every((i) => i.naturalWidth > 0)")
      #expect(
        try await browser.run(
          "return [...document.querySelectorAll('article img')].every((i) => i.src.includes('/.swapline/report/'))"
        ) == true)
      try await browser.screenshot("report")
      // Failed items: the kinds of error with remedy, the stage, the scene.
      #expect(
        try await desk.text("document.getElementById('failures-title').textContent")
          == "2 items failed, of 2 kinds of error")
      try await browser.run("document.querySelector('#kinds button').click()")
      #expect(try await desk.count() == "1 of 6")
      try await desk.select("kind", "")
      try await desk.select("step", "swap")
      #expect(try await desk.count() == "1 of 6")
      #expect(
        try await desk.text("document.querySelector('article .error').textContent").contains(
          "no face"))
      try await browser.wait(
        for: "document.querySelector('article img')?.naturalWidth > 0")
      try await desk.select("step", "")
      try await desk.select("finding", "minimum_long_side")
      #expect(try await desk.count() == "4 of 6")
      try await desk.select("finding", "")
      try await desk.select("shop", "etsy")
      #expect(try await desk.count() == "4 of 6")
      try await desk.select("shop", "")
      try await desk.select("sort", "seconds")
      let seconds = try await browser.run("return shown.map((item) => item.seconds || 0)")
      let values = seconds.array?.compactMap(\.double) ?? []
      #expect(values.count == 6 && values == values.sorted(by: >))
      try await desk.select("sort", "id")

      // The large view, by keys alone.
      try await browser.run("document.querySelectorAll('article')[2].focus()")
      try await desk.press("Enter")
      #expect(try await desk.name() == "item-2")
      try await browser.wait(
        for:
          "[...document.querySelectorAll('#stage img')].filter((i) => i.naturalWidth > 0).length === 3"
      )
      try await browser.screenshot("review-side")
      try await desk.press("2")
      try await browser.wait(
        for: "document.querySelector('#stage .slider .over')?.naturalWidth > 0")
      try await browser.run(
        "const cut = document.getElementById('cut'); cut.value = 30; cut.dispatchEvent(new Event('input'));"
      )
      #expect(
        try await desk.text("getComputedStyle(document.querySelector('.slider .over')).clipPath")
          .contains("30%"))
      try await browser.screenshot("review")
      try await desk.press("3")
      try await desk.press("b")
      let shown = try await desk.text("document.querySelector('#stage .name').textContent")
      try await desk.press("b")
      #expect(try await desk.text("document.querySelector('#stage .name').textContent") != shown)
      try await desk.press("+")
      #expect(
        try await desk.text("getComputedStyle(document.querySelector('#stage .over')).transform")
          .hasPrefix("matrix(1.5"))
      try await desk.press("a")
      #expect(try await desk.name() == "item-3", "accepted, and on to the next")
      try await desk.press("r")
      #expect(try await desk.name() == "item-10")
      try await desk.press("k")
      try await desk.press("n")
      #expect(try await desk.text("document.activeElement.id") == "note")
      try await browser.run(
        "const note = document.getElementById('note'); note.value = 'a \"halo\", left'; note.dispatchEvent(new Event('input'));"
      )
      #expect(try await browser.barriers() ?? [] == [])
      try await browser.run("document.getElementById('close').click()")
      #expect(try await desk.text("document.activeElement.dataset.id") == "item-3")
      #expect(
        try await desk.text("document.getElementById('tally').textContent")
          == "1 accepted, 1 rejected, 0 picked")

      // It is there when the page is opened again.
      try await browser.open("file://" + workshop.path("out/report.html"))
      try await desk.select("verdict", "reject")
      #expect(try await desk.count() == "1 of 6")
      try await desk.select("verdict", "")
      #expect(try await browser.barriers() ?? [] == [])
      #expect(try await browser.consoleErrors().filter { !$0.contains("broken.jpg") } == [])

      // What was rejected, as `--items` takes it: done before, with review and note as columns.
      for form in ["jsonl", "csv"] {
        try await desk.select("which", "reject")
        try await desk.select("form", form)
        let again = try workshop.write(try await desk.text("lines()"), to: "again.\(form)")
        let second = try await swapline([
          "run", pipeline, "--items", again, "--out", workshop.path("out"),
        ])
        #expect(second.status == 0, "\(second.messages)")
        #expect(second.messages.contains("1 of 1 item done"), "\(second.messages)")
        #expect(second.messages.contains("1 of them done before"), "\(second.messages)")
        let text = try String(contentsOfFile: again, encoding: .utf8)
        #expect(text.contains("halo") && text.contains("reject") && text.contains("sku"), "\(text)")
      }
    }
  }

  @Test func aBundleStandsAlone() async throws {
    let workshop = try Workshop()
    _ = try await run(workshop)
    let end = try await swapline([
      "report", "--out", workshop.path("out"), "--bundle", "--to", workshop.path("to-mail"),
    ])
    #expect(end.status == 0, "\(end.messages)")
    #expect(workshop.names(in: "to-mail") == ["report.html", "pictures"])
    try FileManager.default.removeItem(atPath: workshop.path("out"))
    try await browsing(workshop.path("to-mail/report.html")) { desk in
      #expect(try await desk.count() == "6 of 6")
      try await desk.browser.wait(
        for: "document.querySelectorAll('article img').length > 10 "
          + "&& [...document.querySelectorAll('article img')].every((i) => i.naturalWidth > 0)")
      try await desk.browser.run("show(shown.findIndex((item) => item.id === 'item-10'))")
      try await desk.browser.wait(
        for:
          "[...document.querySelectorAll('#stage img')].filter((i) => i.naturalWidth > 400).length === 3"
      )
    }
    // Not into a folder that holds something else.
    _ = try workshop.write("mine", to: "to-mail/notes.txt")
    let again = try await swapline([
      "report", "--out", workshop.path("to-mail"), "--bundle",
    ])
    #expect(again.status == 2, "\(again.messages)")
  }

  @Test(arguments: [(390, 800, false), (1200, 900, true)])
  func fitsAPhoneAndTheDark(width: Int, height: Int, isDark: Bool) async throws {
    let workshop = try Workshop()
    _ = try await run(workshop)
    _ = try await swapline(["report", "--out", workshop.path("out")])
    let name = isDark ? "dark" : "phone"
    try await browsing(
      workshop.path("out/report.html"), width: width, height: height, isDark: isDark
    ) { desk in
      func overflow() async throws -> JSONValue {
        try await desk.browser.run(
          "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
      }
      #expect(try await overflow() == 0)
      try await desk.browser.wait(
        for: "[...document.querySelectorAll('article img')].every((i) => i.naturalWidth > 0)")
      try await desk.browser.screenshot("report-\(name)")
      try await desk.browser.run("show(2)")
      try await desk.browser.wait(for: "document.querySelector('#stage img')?.naturalWidth > 0")
      #expect(try await overflow() == 0)
      try await desk.browser.screenshot("review-\(name)")
      #expect(try await desk.browser.barriers() ?? [] == [])
    }
  }

  @Test func renditionsAreShownWhereThereIsNoSwap() async throws {
    let workshop = try Workshop()
    let pipeline = try workshop.write(
      "version: 1\nstages:\n  - fetch\n  - thumbnails: { sides: [256], format: webp }\n  - metadata\n",
      to: "line.yaml")
    let end = try await swapline([
      "run", pipeline, "--scene", fixture("scenes/portrait.jpg"), "--out", workshop.path("out"),
    ])
    #expect(end.status == 0, "\(end.messages)")
    try await browsing(workshop.path("out/report.html")) { desk in
      try await desk.browser.wait(
        for:
          "[...document.querySelectorAll('article img')].filter((i) => i.naturalWidth > 0).length === 2"
      )
      try await desk.browser.run("show(0); mode = 'slider'; compare()")
      try await desk.browser.wait(
        for: "document.querySelector('.slider .over')?.naturalWidth === 205 "
          + "|| document.querySelector('.slider .over')?.naturalWidth > 100")
    }
  }

  @Test func fiftyThousandItemsOpen() async throws {
    let workshop = try Workshop()
    let out = workshop.path("out")
    let facts: JSONValue = [
      "id": "x", "findings": [], "renditions": [],
      "stages": [["stage": "fetch", "seconds": .double(0.5)]],
      "source": ["scene": "</script><script>document.title='broken'</script>.jpg"],
      "history": [["kind": "size", "from": "1", "to": "2", "reason": "</script> & \u{2028}"]],
      "scene": [
        "file": "scene.jpg", "width": 4_000, "height": 3_000, "format": "jpg", "size": 5_000_000,
        "frames": 1,
      ],
    ]
    let bytes = Data(try JSONText.bytes(facts))
    for number in 0..<50_000 {
      let folder = "\(out)/item-\(number)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try bytes.write(to: URL(filePath: folder + "/asset.json"))
    }
    // A run of one failing item writes the page of everything that lies there.
    let pipeline = try workshop.write(
      "version: 1\nname: many\nstages: [fetch, metadata]\n", to: "line.yaml")
    let end = try await swapline(["run", pipeline, "--scene", "/nowhere.jpg", "--out", out])
    #expect(end.status == 1, "\(end.messages)")
    try await browsing(out + "/report.html") { desk in
      #expect(try await desk.count() == "50,001 of 50,001")
      #expect(try await desk.text("document.title") == "Swapline report")
      func cards() async throws -> [String] {
        try await desk.browser.run(
          "return [...document.querySelectorAll('article')].map((card) => card.dataset.id)"
        ).array?.compactMap(\.string) ?? []
      }
      // Only what is seen exists, at both ends of the list; and no large file is loaded into a cell.
      #expect(try await cards().prefix(3) == ["item-0", "item-1", "item-2"])
      #expect(try await cards().count < 80)
      #expect(try await desk.text("document.querySelectorAll('article img').length") == "0")
      try await desk.browser.run("document.querySelector('article').focus()")
      try await desk.press("End")
      try await desk.browser.wait(for: "document.activeElement.dataset.index === '50000'")
      #expect(try await cards().contains("item-49999"))
      #expect(try await cards().count < 80)
      try await desk.select("state", "failed")
      #expect(try await desk.count() == "1 of 50,001")
      #expect(try await cards() == ["nowhere"])
    }
  }
}
