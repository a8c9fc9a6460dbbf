import Core
import Testing

@Suite struct DigestTests {
  // FIPS 180-4's own examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func isSHA256(text: String, hex: String) {
    #expect(Digest(of: text).hex == hex)
  }

  @Test func piecesGiveTheSameDigest() {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var digester = Digester()
    for start in stride(from: 0, to: bytes.count, by: 977) {
      Array(bytes[start..<min(start + 977, bytes.count)]).withUnsafeBytes { digester.update($0) }
    }
    #expect(digester.finish() == Digest(of: bytes))
  }

  @Test func signaturesAreCheckedAgainstTextAndKey() {
    let signer = Signer(key: [1, 2, 3])
    let signature = signer.signature(of: "file.png")
    #expect(signer.verify(signature, of: "file.png"))
    #expect(!signer.verify(signature, of: "other.png"))
    #expect(!Signer(key: [3, 2, 1]).verify(signature, of: "file.png"))
    #expect(!signer.verify("", of: "file.png"))
    #expect(!signer.verify("zz", of: "file.png"))
    #expect(!signer.verify(String(signature.dropLast(2)), of: "file.png"))
  }

  // RFC 4231, test case 2.
  @Test func isHMACSHA256() {
    let signer = Signer(key: Array("Jefe".utf8))
    #expect(
      signer.signature(of: "what do ya want for nothing?")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }
}
