import Core
import Foundation
import MicroHTTPD
import Synchronization
import Testing

/// A folder of a web server that takes files by WebDAV.
private final class Shelf: Sendable {
  private final class Files: Sendable {
    let all = Mutex<[String: (bytes: [UInt8], type: String)]>([:])
  }

  let server: HTTPServer
  private let files: Files

  init() throws {
    let files = Files()
    self.files = files
    var router = Router()
    router.on("PUT", "/in/{name}", bodyLimit: 10_000_000) { request in
      let bytes = request.body.read(limit: 10_000_000) ?? []
      let type = request.headers["Content-Type"] ?? ""
      files.all.withLock { $0[request.parameters["name"] ?? ""] = (bytes, type) }
      return .text(201, "")
    }
    router.on("GET", "/in/{name}") { request in
      guard let file = files.all.withLock({ $0[request.parameters["name"] ?? ""] }) else {
        return .text(404, "")
      }
      return ServerResponse(200, headers: ["Content-Type": file.type], body: .bytes(file.bytes))
    }
    router.on("DELETE", "/in/{name}") { request in
      let gone = files.all.withLock { $0.removeValue(forKey: request.parameters["name"] ?? "") }
      return .text(gone == nil ? 404 : 204, "")
    }
    server = try HTTPServer(router: router)
  }

  var names: Set<String> { files.all.withLock { Set($0.keys) } }

  func pipeline(keep: Bool = false) -> String {
    """
    version: 1
    hosts:
      shelf: { webdav: { url: '\(server.origin)/in'\(keep ? ", keep: true" : "") } }
    providers:
      crun: { at: embedded }
    stages:
      - fetch
      - host: { to: shelf }
      - swap: { provider: crun }

    """
  }
}

@Suite struct HostedCommandTests {
  private func items(_ workshop: borrowing Workshop) throws -> [String] {
    [
      "--scene", fixture("scenes/portrait.jpg"), "--face", fixture("faces/ada.jpg"), "--out",
      workshop.path("out"),
    ]
  }

  @Test func whatIsKeptIsListedAndPurged() async throws {
    let workshop = try Workshop()
    let shelf = try Shelf()
    let file = try workshop.write(shelf.pipeline(keep: true), to: "line.yaml")
    let run = try await swapline(["run", file] + items(workshop))
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.messages.contains("2 files put at hosts") && run.messages.contains("2 kept there"))
    #expect(shelf.names.count == 2)
    let report = try JSONValue(
      parsing: [UInt8](Data(contentsOf: URL(filePath: workshop.path("out/run.json")))))
    #expect(report["hosting"]?["put"] == 2 && report["hosting"]?["kept"] == 2)
    let page = try String(contentsOfFile: workshop.path("out/report.html"), encoding: .utf8)
    #expect(page.contains("2 files put at hosts"))

    let listed = try await swapline("hosted", "--out", workshop.path("out"), "--json")
    let lines = try listed.output.split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
    #expect(Set(lines.compactMap { $0["key"]?.string }) == shelf.names)
    #expect(lines.allSatisfy { $0["host"] == "shelf" && $0["state"] == "kept" })
    #expect(lines.allSatisfy { ($0["size"]?.int ?? 0) > 0 && $0["since"] != nil })
    let table = try await swapline("hosted", "--out", workshop.path("out"))
    for name in shelf.names { #expect(table.output.contains(name), "\(table.output)") }

    let dry = try await swapline("purge", "--out", workshop.path("out"), "--dry-run")
    #expect(dry.output.contains("would be removed"))
    #expect(FileManager.default.fileExists(atPath: workshop.path("out/portrait/result.png")))
    let purge = try await swapline("purge", "--out", workshop.path("out"))
    #expect(purge.status == 0 && purge.output.contains("2 files at hosts"), "\(purge.output)")
    let media = try FileManager.default.subpathsOfDirectory(atPath: workshop.path("out"))
      .filter { name in
        ["jpg", "png", "webp", "jpeg"].contains { name.hasSuffix("." + $0) }
      }
    #expect(media.isEmpty, "\(media)")
    let ledger = try await swapline("ledger", "--out", workshop.path("out"))
    #expect(ledger.output.contains("1 succeeded"), "the account of money stays")

    let removed = try await swapline("hosted", "--out", workshop.path("out"), "--purge")
    #expect(removed.status == 0 && removed.output.contains("2 removed."), "\(removed.messages)")
    #expect(shelf.names.isEmpty)
    let empty = try await swapline("hosted", "--out", workshop.path("out"))
    #expect(empty.output == "There are no files at any host.\n")
    await shelf.server.stop()
  }

  /// The query of a signed address is what opens it: it is written down nowhere and shown nowhere.
  @Test func noSignatureIsWrittenDownOrShown() async throws {
    let workshop = try Workshop()
    let text = try Shelf().pipeline()
      .replacing(/hosts:\n.*\n/, with: "").replacing("to: shelf", with: "to: embedded")
    let file = try workshop.write(text, to: "line.yaml")
    let run = try await swapline(["run", file, "--json"] + items(workshop))
    #expect(run.status == 0, "\(run.messages)")
    let isSigned = /signature=[0-9a-f]{8}/
    #expect(run.output.firstMatch(of: isSigned) == nil)
    #expect(run.messages.firstMatch(of: isSigned) == nil)
    let out = workshop.path("out")
    var looked = 0
    for name in try FileManager.default.subpathsOfDirectory(atPath: out) {
      // The embedded server stands for the vendor, who must have the addresses.
      guard !name.hasPrefix(".swapline/server") else { continue }
      guard let data = try? Data(contentsOf: URL(filePath: "\(out)/\(name)")) else { continue }
      looked += 1
      let text = String(decoding: data, as: UTF8.self)
      let isOpen = text.firstMatch(of: isSigned) != nil
      #expect(!isOpen, "\(name)")
      let facts = try FileManager.default.attributesOfItem(atPath: "\(out)/\(name)")
      let mode = (facts[.posixPermissions] as? Int) ?? 0
      #expect(mode & 0o077 == 0, "\(name) is for its owner alone")
    }
    #expect(looked >= 8 && FileManager.default.fileExists(atPath: out + "/.swapline/hosted.sqlite"))
  }

  /// A kill at any moment around the record leaves nothing behind that the next run does not remove.
  @Test func aKillAtAnyMomentLeavesNothingAtTheHost() async throws {
    let shelf = try Shelf()
    var moment = 1
    var (killed, mayLie) = (0, 0)
    while true {
      let workshop = try Workshop()
      let text = shelf.pipeline().replacing("  - swap: { provider: crun }\n", with: "")
      let file = try workshop.write(text, to: "line.yaml")
      let first = try await swapline(
        ["run", file] + items(workshop), environment: ["SWAPLINE_DIE_AT": "\(moment)"])
      guard first.status == SIGKILL else { break }
      killed += 1
      if !shelf.names.isEmpty { mayLie += 1 }
      let listed = try await swapline("hosted", "--out", workshop.path("out"), "--json")
      for name in shelf.names { #expect(listed.output.contains(name), "moment \(moment)") }
      let next = try await swapline(["run", file] + items(workshop))
      #expect(next.status == 0, "\(next.messages)")
      #expect(shelf.names.isEmpty, "after a kill at moment \(moment)")
      moment += 1
    }
    #expect(shelf.names.isEmpty)
    #expect(killed >= 8 && mayLie >= 3, "\(killed) kills, \(mayLie) with files at the host")
    await shelf.server.stop()
  }
}
