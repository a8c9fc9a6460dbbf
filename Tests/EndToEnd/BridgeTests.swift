import Core
import Foundation
import Testing

/// GIFs and videos through a provider that takes stills only.
@Suite struct BridgeTests {
  private func pipeline(
    _ workshop: borrowing Workshop, swap: String, provider: String = "apiinone"
  ) throws -> String {
    try workshop.write(
      """
      version: 1
      providers: { \(provider): { at: embedded, price: 3 } }
      stages:
        - fetch
        - normalize: { for: swap }
        - host
        - swap: { provider: \(provider), \(swap) }
        - metadata
      """, to: "bridge.yaml")
  }

  private func run(
    _ workshop: borrowing Workshop, _ command: String, _ scene: String, swap: String
  ) async throws -> Finished {
    let out = command == "run" ? ["--out", workshop.path("out")] : []
    return try await swapline(
      [command, try pipeline(workshop, swap: swap), "--scene", fixture(scene), "--face"]
        + [fixture("faces/ben.jpg")] + out)
  }

  private func facts(_ workshop: borrowing Workshop, _ item: String) throws -> JSONValue {
    let file = workshop.path("out/\(item)/asset.json")
    return try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: file))))
  }

  private func probe(_ file: String) async throws -> JSONValue {
    let end = try await swapline("probe", "--json", file)
    return try #require(try JSONValue(parsing: Array(end.output.utf8))["media"])
  }

  @Test func nothingIsBridgedWithoutTheFileSayingSo() async throws {
    let workshop = try Workshop()
    let end = try await run(workshop, "run", "moving/person.gif", swap: "")
    #expect(end.status == 1)
    #expect(end.messages.contains("The scene is an animation, and 'apiinone' takes stills."))
    #expect(end.messages.contains("swap: { bridge: [frames] }"))
    #expect(end.messages.contains("swapline plan"))
  }

  @Test func equalFramesAreOneSwapAndDelaysAreTheScenes() async throws {
    let workshop = try Workshop()
    let scene = "moving/still-person.gif"
    let plan = try await run(workshop, "plan", scene, swap: "bridge: [frames]")
    #expect(plan.output.contains("8 frames, 6 of them equal to another: 2 swaps"))
    let end = try await run(workshop, "run", scene, swap: "bridge: [frames]")
    #expect(end.status == 0, "\(end.messages)")
    let facts = try facts(workshop, "still-person")
    #expect(facts["swap"]?["bridge"] == "frames")
    #expect(facts["swap"]?["calls"] == 2)
    let before = try await probe(fixture(scene))
    let after = try await probe(workshop.path("out/still-person/result.gif"))
    #expect(after["delays"] == before["delays"])
    #expect(after["frames"] == before["frames"])
    #expect(after["digest"] != before["digest"])
  }

  @Test func aVideoKeepsItsSoundAndFramesWithoutAFaceAreTheUsersChoice() async throws {
    let workshop = try Workshop()
    let scene = "moving/person.mp4"
    let refused = try await run(workshop, "run", scene, swap: "bridge: [frames]")
    #expect(refused.status == 1)
    #expect(refused.messages.contains("faceless_frames: keep"), "\(refused.messages)")
    let end = try await run(
      workshop, "run", scene, swap: "bridge: [frames], faceless_frames: keep")
    #expect(end.status == 0, "\(end.messages)")
    let before = try await probe(fixture(scene))
    let after = try await probe(workshop.path("out/person/result.mp4"))
    for fact in ["frames", "duration", "audioCodec", "width", "height"] {
      #expect(after[fact] == before[fact], "\(fact)")
    }
    let history = try facts(workshop, "person")["history"]?.array ?? []
    #expect(history.contains { $0["to"]?.string?.hasSuffix("of them as they were") == true })
  }

  @Test func limitsAndPricesOfTheFileCount() async throws {
    let workshop = try Workshop()
    let file = try workshop.write(
      """
      version: 1
      providers: { apiinone: { price: 2.5, maximum_side: 100, in_flight: many } }
      stages: [fetch, {normalize: {for: swap}}, host, {swap: {provider: apiinone}}]
      """, to: "wrong.yaml")
    let wrong = try await swapline("check", file)
    #expect(wrong.status == 3)
    #expect(wrong.messages.contains("in_flight of provider apiinone is 'many'."))
    let good = try workshop.write(
      """
      version: 1
      providers: { apiinone: { price: 2.5, maximum_side: 100 } }
      stages: [fetch, {normalize: {for: swap}}, host, {swap: {provider: apiinone, bridge: [frames]}}]
      """, to: "good.yaml")
    let plan = try await swapline(
      "plan", good, "--scene", fixture("scenes/portrait.jpg"), "--scene",
      fixture("moving/still-person.gif"), "--face", fixture("faces/ben.jpg"))
    #expect(plan.output.contains("size 960x1200 → 80x100 (maximum_side 100)"), "\(plan.output)")
    #expect(
      plan.output.contains("Swaps to buy: 3; price 7.5 credits (the pipeline's own setting)"),
      "\(plan.output)")
  }
}
