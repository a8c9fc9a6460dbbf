import Foundation
import Testing

/// Scenes from a bucket, lists from a server, results into a bucket or a WebDAV folder, with storages that
/// are not ours.
@Suite(.serialized) struct RemoteTests {
  private static let pipeline = """
    version: 1
    stages:
      - fetch: { addresses: loopback }
      - thumbnails: { sides: [32], format: png }
      - metadata
    """

  @Test(.enabled(if: SwiftStorage.absence == nil, "\(SwiftStorage.absence ?? "")"))
  func bucketsGiveScenesAndTakeResults() async throws {
    let storage = try await SwiftStorage.started()
    try storage.makeBucket("photos")
    try storage.makeBucket("web")
    let workshop = try Workshop()
    let prep = try workshop.write(Self.pipeline, to: "prep.yaml")
    let environment = SwiftStorage.environment.merging(["AWS_ENDPOINT_URL": storage.origin]) { $1 }
    func run(_ arguments: String..., secret: String? = nil) async throws -> Finished {
      var environment = environment
      if let secret { environment["AWS_SECRET_ACCESS_KEY"] = secret }
      return try await Started(
        Workshop.command.path, ["run", prep] + arguments, in: workshop.folder,
        environment: environment
      ).wait()
    }

    // Results become scenes: the bucket is filled by what fills it in earnest.
    let names = ["mug", "pot", "ü"]
    var rows = "id,scene\n"
    for (index, name) in names.enumerated() {
      let scene = ["scenes/portrait.jpg", "scenes/two-people.jpg", "faces/ada.jpg"][index]
      rows += "\(name),\(fixture(scene))\n"
    }
    let items = try workshop.write(rows, to: "items.csv")
    let filled = try await run("--items", items, "--out", "s3://photos/raw +ü")
    #expect(filled.status == 0, "\(filled.messages)")
    #expect(filled.output.contains("s3://photos/raw +ü/mug"), "\(filled.output)")
    let state = workshop.path("swapline-remote/photos/raw__ü")
    #expect(FileManager.default.fileExists(atPath: state + "/run.json"))

    // What is there is not put again; what somebody removed or changed is.
    let before = try Self.objects(storage, "photos")
    #expect(
      Set(before.keys)
        == Set(names.flatMap { ["raw +ü/\($0)/scene-32.png", "raw +ü/\($0)/asset.json"] }),
      "\(before)")
    let again = try await run("--items", items, "--out", "s3://photos/raw +ü/")
    #expect(again.status == 0, "\(again.messages)")
    #expect(try Self.objects(storage, "photos") == before)
    try storage.remove("photos", "raw%20+%C3%BC/mug/scene-32.png")
    #expect(try Self.objects(storage, "photos").count == 5)
    let mended = try await run("--items", items, "--out", "s3://photos/raw +ü")
    #expect(mended.status == 0, "\(mended.messages)")
    #expect(try Set(Self.objects(storage, "photos").keys) == Set(before.keys))

    // A pattern, and the types that they are served with.
    let made = try await run(
      "--scene", "s3://photos/raw +ü/*/scene-32.png", "--out", "s3://web/a b")
    #expect(made.status == 0, "\(made.messages)")
    let web = try Self.objects(storage, "web")
    #expect(web.values.filter { $0 == "image/png" }.count == 3, "\(web)")
    #expect(web.values.filter { $0 == "application/json" }.count == 3, "\(web)")

    // A list in a bucket, whose scenes count from where it lies.
    try storage.put("photos", "raw%20+%C3%BC/list.csv", "id,scene\nlisted,ü/scene-32.png\n")
    let listed = try await run("--items", "s3://photos/raw +ü/list.csv", "--out", "plain")
    #expect(listed.status == 0, "\(listed.messages)")
    #expect(workshop.items(in: "plain") == ["listed"])

    // What goes wrong is said before anything is done, or for the item alone, and is made up for.
    for (arguments, secret, status, says) in [
      (["--scene", "s3://photos/none/*.png", "--out", "o"], nil, 2, "no name begins with 'none/'"),
      (["--scene", "s3://photos/raw +ü/*.png", "--out", "o"], nil, 2, "7 files were looked at"),
      (["--scene", "s3://nowhere/*.png", "--out", "o"], nil, 2, "no bucket 'nowhere'"),
      (["--scene", "s3://photos/raw +ü/x.png", "--out", "o"], nil, 1, "NoSuchKey"),
      (["--scene", "s3:///x.png", "--out", "o"], nil, 2, "names no bucket"),
      (["--scene", "s3://photos/raw +ü/*/*.png", "--out", "o"], "guessed", 1, "secret key"),
      (["--items", items, "--out", "s3://nowhere/x"], nil, 2, "no bucket 'nowhere'"),
      (["--items", items, "--out", "s3://photos/y"], "guessed", 1, "secret key"),
    ] as [([String], String?, Int32, String)] {
      var environment = environment
      if let secret { environment["AWS_SECRET_ACCESS_KEY"] = secret }
      let end = try await Started(
        Workshop.command.path, ["run", prep] + arguments, in: workshop.folder,
        environment: environment
      ).wait()
      #expect(end.status == status, "\(arguments): \(end.messages)")
      #expect(end.messages.contains(says), "\(arguments): \(end.messages)")
      #expect(!end.messages.contains("X-Amz-"), "\(end.messages)")
    }
    let late = try await run("--items", items, "--out", "s3://photos/y")
    #expect(late.status == 0, "\(late.messages)")
    #expect(try Self.objects(storage, "photos").keys.filter { $0.hasPrefix("y/") }.count == 6)
    await storage.stop()
  }

  /// At every seventh moment before or behind a write of the ledger, of what hosts put and of what was delivered.
  @Test(.enabled(if: SwiftStorage.absence == nil, "\(SwiftStorage.absence ?? "")"))
  func aKillLeavesNothingBehindAndPaysNothingTwice() async throws {
    let storage = try await SwiftStorage.started()
    try storage.makeBucket("inputs")
    try storage.makeBucket("web")
    let workshop = try Workshop()
    let line = try workshop.write(
      """
      version: 1
      providers: { crun: { at: embedded } }
      hosts: { photos: { s3: { bucket: inputs, endpoint: "\(storage.origin)" } } }
      stages:
        - fetch
        - normalize: { for: swap, maximum_side: 320 }
        - host: { to: photos }
        - swap: { provider: crun }
        - thumbnails: { sides: [32], format: png }
        - metadata
      """, to: "line.yaml")
    var environment = SwiftStorage.environment.merging(["AWS_ENDPOINT_URL": storage.origin]) { $1 }
    var killed = 0
    for moment in stride(from: 1, to: 200, by: 7) {
      let out = "s3://web/\(moment)"
      func run() async throws -> Finished {
        try await Started(
          Workshop.command.path,
          [
            "run", line, "--scene", fixture("scenes/portrait.jpg"), "--face",
            fixture("faces/ada.jpg"), "--out", out,
          ], in: workshop.folder, environment: environment
        ).wait()
      }
      environment["SWAPLINE_DIE_AT"] = "\(moment)"
      let first = try await run()
      environment["SWAPLINE_DIE_AT"] = nil
      if first.status == 0 { break }
      killed += 1
      #expect(first.status == SIGKILL, "\(moment): \(first.messages)")
      let second = try await run()
      #expect(second.status == 0, "\(moment): \(second.messages)")
      #expect(try Self.objects(storage, "inputs").isEmpty, "\(moment): left behind")
      let there = try Self.objects(storage, "web").keys.filter { $0.hasPrefix("\(moment)/") }
      #expect(there.count == 3, "\(moment): \(there)")
      let ledger = try await swapline(
        "ledger", "--out", out, in: workshop.folder, environment: environment)
      #expect(
        ledger.output.split(separator: "\n").count { $0.contains(" succeeded ") } == 1,
        "\(moment): \(ledger.output)")
    }
    #expect(killed > 2)
    // Signed addresses were given to the provider, whose part the server below plays, and stand nowhere else.
    let state = workshop.path("swapline-remote")
    let found = try await execute(
      "grep", ["-rlaE", "--exclude-dir=server", "X-Amz-(Signature|Credential)", state])
    #expect(found.output.isEmpty, "\(found.output)")
    #expect(FileManager.default.fileExists(atPath: state + "/web/1/.swapline/ledger.sqlite"))
    await storage.stop()
  }

  @Test(.enabled(if: NginxStorage.absence == nil, "\(NginxStorage.absence ?? "")"))
  func aWebDAVFolderTakesResults() async throws {
    let nginx = try await NginxStorage.started()
    let workshop = try Workshop()
    let prep = try workshop.write(
      Self.pipeline.replacing(
        "stages:",
        with: "hosts:\n  shelf: { webdav: { url: \"\(nginx.origin)/\", user: ada } }\nstages:"),
      to: "prep.yaml")
    func run(_ password: String) async throws -> Finished {
      try await Started(
        Workshop.command.path,
        [
          "run", prep, "--scene", fixture("scenes/portrait.jpg"), "--out",
          "\(nginx.origin)/shop/two words",
        ], in: workshop.folder, environment: ["WEBDAV_PASSWORD": password]
      ).wait()
    }
    let refused = try await run("guessed")
    #expect(refused.status == 1 && refused.messages.contains("credentials"), "\(refused.messages)")
    #expect(!refused.messages.contains("fetch"), "nothing was begun: \(refused.messages)")
    let done = try await run("pw")
    #expect(done.status == 0, "\(done.messages)")
    let place = nginx.folder + "/shop/two words/portrait"
    let names = try FileManager.default.contentsOfDirectory(atPath: place)
    #expect(Set(names) == ["scene-32.png", "asset.json"])
    let picture = try Data(contentsOf: URL(filePath: place + "/scene-32.png"))

    // Removed by somebody: put again, without being made again.
    try FileManager.default.removeItem(atPath: place + "/scene-32.png")
    let again = try await run("pw")
    #expect(again.messages.contains("done before"), "\(again.messages)")
    #expect(try Data(contentsOf: URL(filePath: place + "/scene-32.png")) == picture)
    await nginx.stop()
  }

  /// The types of a bucket's objects, by name.
  private static func objects(_ storage: SwiftStorage, _ bucket: String) throws -> [String: String]
  {
    struct Object: Decodable {
      let name: String
      let content_type: String
    }
    let list = try JSONDecoder().decode([Object].self, from: Data(try storage.list(bucket).utf8))
    return Dictionary(list.map { ($0.name, $0.content_type) }, uniquingKeysWith: { $1 })
  }
}
