import Core
import Testing

@Suite struct ByteSizeTests {
  @Test(
    arguments: [
      ("50MB", 50_000_000), ("1.5 GB", 1_500_000_000), ("2MiB", 2_097_152), ("800 kb", 800_000),
      ("12", 12), ("0B", 0), ("1_000", 1_000),
    ] as [(String, Int64)])
  func reads(text: String, bytes: Int64) {
    #expect(ByteSize(parsing: text)?.bytes == bytes)
  }

  @Test(arguments: ["", "MB", "50XB", "-5MB", "1e99GB", "5 0 apples", "1.2.3MB"])
  func refuses(text: String) {
    #expect(ByteSize(parsing: text) == nil)
  }

  @Test(arguments: [
    0, 1, 999, 1_000, 1_500, 1_024, 50_000_000, 2_097_152, 1_234_567, 9_999_999_999,
  ])
  func printsWhatReadsBack(bytes: Int64) {
    let size = ByteSize(bytes: bytes)
    #expect(ByteSize(parsing: size.description) == size)
  }
}
