import Curl
import Foundation
import TestSupport
import Testing

@Suite struct EncodingTests {
  let client = HTTPClient()
  static let content = pattern(60_000)
  static let packed = (try? gzipped(content)) ?? []
  static let packedTwice = (try? gzipped(packed)) ?? []

  /// `bytes` as gzip writes them, by the program itself.
  static func gzipped(_ bytes: [UInt8]) throws -> [UInt8] {
    let file = ScratchFile(bytes)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/bin/gzip")
    process.arguments = ["-c", file.path]
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Array(data)
  }

  /// Deflate's data without gzip's frame, as some servers send it, or in zlib's (RFC 1950).
  static func deflated(inZlib: Bool) throws -> [UInt8] {
    // No name stands in what comes from a pipe's file but its own: ten bytes, a name, a zero.
    let packed = packed
    let start = packed[10...].firstIndex(of: 0).map { $0 + 1 } ?? 10
    let raw = Array(packed[start..<(packed.count - 8)])
    guard inZlib else { return raw }
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in content {
      (low, high) = ((low + UInt32(byte)) % 65_521, (high + (low + UInt32(byte)) % 65_521) % 65_521)
    }
    let sum = high << 16 | low
    return [0x78, 0x9C] + raw + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
  }

  static func server(_ encoding: String, _ body: [UInt8]) -> ScriptedServer {
    ScriptedServer { connection in
      connection.send(
        "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Encoding: \(encoding)\r\n"
          + "Content-Length: \(body.count)\r\n\r\n")
      connection.sendAll(body[...])
    }
  }

  enum Form: String, CaseIterable {
    case gzip, xGzip, twice, zlib, deflate, identity, plain, lie, unknown
  }

  @Test(arguments: Form.allCases) func isUndone(_ form: Form) async throws {
    let content = Self.content
    let server =
      switch form {
      case .gzip: Self.server("gzip", Self.packed)
      case .xGzip: Self.server("x-gzip", Self.packed)
      case .twice: Self.server("gzip, gzip", Self.packedTwice)
      case .zlib: Self.server("deflate", try Self.deflated(inZlib: true))
      case .deflate: Self.server("deflate", try Self.deflated(inZlib: false))
      case .identity: Self.server("identity", content)
      case .plain: Self.server("", content)
      case .lie: Self.server("gzip", content)
      case .unknown: Self.server("aws-chunked", content)
      }
    let file = ScratchFile()
    let download = try await client.download(local("GET", server.origin), to: file.path)
    #expect(file.holds(content))
    #expect(download.size == Int64(content.count))
    #expect(download.isWhole)
    #expect(server.requests[0].contains("Accept-Encoding: identity"))
    if form != .lie, form != .unknown {
      let response = try await client.send(local("GET", server.origin))
      #expect(response.body == content)
    }
  }

  @Test func aCompressedFileIsLeftAsItIs() async throws {
    let packed = Self.packed
    let server = ScriptedServer {
      $0.send(
        "HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
      )
      $0.sendAll(packed[...])
    }
    let file = ScratchFile()
    _ = try await client.download(local("GET", server.origin), to: file.path)
    #expect(file.holds(packed))
  }

  @Test func theLimitCountsWhatComesOut() async throws {
    let bomb = try Self.gzipped([UInt8](repeating: 0, count: 4_000_000))
    #expect(bomb.count < 50_000)
    let server = Self.server("gzip", bomb)
    let file = ScratchFile()
    let error = await failure {
      _ = try await client.download(
        local("GET", server.origin, maximumBytes: 1_000_000), to: file.path)
    }
    #expect(error?.kind == .tooLarge)
    #expect(file.bytes.count <= 1_000_000)
    let inMemory = await failure {
      _ = try await client.send(local("GET", server.origin, maximumBytes: 1_000_000))
    }
    #expect(inMemory?.kind == .tooLarge)
  }

  @Test func damagedDataIsAnError() async throws {
    var packed = Self.packed
    for index in 100..<200 { packed[index] = 0xFF }
    let server = Self.server("gzip", packed)
    let file = ScratchFile()
    let error = await failure {
      _ = try await client.download(local("GET", server.origin), to: file.path)
    }
    #expect(error?.kind == .badEncoding)
  }

  @Test func whatWasCompressedIsNotGoneOnWith() async throws {
    let packed = Self.packed
    let server = ScriptedServer { connection in
      let isFirst = !connection.request.contains("Second")
      connection.send(
        "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Encoding: gzip\r\n"
          + "Content-Length: \(packed.count)\r\n\r\n")
      connection.sendAll(isFirst ? packed[..<(packed.count / 2)] : packed[...])
    }
    let file = ScratchFile()
    let error = await failure {
      _ = try await client.download(local("GET", server.origin), to: file.path)
    }
    #expect(error?.kind == .cutOff)
    let download = try await client.download(
      local("GET", server.origin, headers: ["Second": "1"]), to: file.path,
      resuming: error?.partial)
    #expect(!server.requests[1].contains("Range"))
    #expect(download.resumedFrom == 0)
    #expect(file.holds(Self.content))
  }
}
