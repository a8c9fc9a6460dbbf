import Foundation
import TestSupport
import Testing

/// Pictures of more pixels than is usual are worked on where the pipeline says so, and nowhere else.
@Suite(.enabled(if: Tool.absence("python3") == nil, "\(Tool.absence("python3") ?? "")"))
struct LargePictureTests {
  /// A PNG of 12,500 x 12,000 pixels of one bit each: 150 megapixels in few bytes.
  private static let program = """
    import struct, sys, zlib
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = (b"\\0" + b"\\xf0" * 1563) * 12000
    open(sys.argv[1], "wb").write(b"\\x89PNG\\r\\n\\x1a\\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 12500, 12000, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
    """

  @Test func aHundredAndFiftyMegapixelsPassWhereTheFileSaysSo() async throws {
    let workshop = try Workshop()
    let scene = workshop.path("large.png")
    #expect(try await execute("python3", ["-c", Self.program, scene]).status == 0)
    func line(_ validate: String) throws -> String {
      try workshop.write(
        """
        version: 1
        stages:
          - fetch
          \(validate)
          - normalize: { maximum_side: 2000 }
          - thumbnails: { sides: [512] }
          - convert: { to: [jpg] }
          - metadata
        """, to: "line.yaml")
    }
    // A header is always told.
    let probe = try await swapline("probe", scene)
    #expect(probe.status == 0 && probe.output.contains("12500x12000"), "\(probe.messages)")

    let plain = try line("- validate")
    for command in ["plan", "run"] {
      let out = command == "run" ? ["--out", workshop.path("out")] : []
      let end = try await swapline([command, plain, "--scene", scene] + out)
      let said = end.output + end.messages
      #expect(said.contains("more than the 120000000 allowed"), "\(said)")
      #expect(said.contains("raise 'maximum_pixels' of 'validate'"), "\(said)")
    }

    let raised = try line("- validate: { maximum_pixels: 150_000_000 }")
    let plan = try await swapline("plan", raised, "--scene", scene)
    #expect(plan.status == 0 && plan.output.contains("12500x12000"), "\(plan.output)")
    let run = try await swapline("run", raised, "--scene", scene, "--out", workshop.path("out"))
    #expect(run.status == 0, "\(run.messages)")
    #expect(workshop.names(in: "out/large").contains("scene-512.webp"))
    // One pixel less, and the rule refuses it.
    let tight = try line("- validate: { maximum_pixels: 149_999_999 }")
    let refused = try await swapline("run", tight, "--scene", scene, "--out", workshop.path("out"))
    #expect(refused.status == 1)
    #expect(refused.messages.contains("149999999"), "\(refused.messages)")
  }
}
