import Core
import Testing

@Suite struct XMPPacketTests {
  static let all: [Rights] = [
    Rights(copyright: "© 2026 Ünïcode & <Söhne> \"Shop\"", creator: "Ada's"),
    Rights(usageTerms: "Not for <sale> & only here"),
    Rights(creator: "C", license: "https://example.org/by?a=1&b=2"),
    Rights(digitalSourceType: DigitalSourceType.compositeWithTrainedAlgorithmicMedia.uri),
    Rights(
      copyright: "All &amp; sundry", creator: "B",
      digitalSourceType: DigitalSourceType.digitalCapture.uri),
  ]

  @Test(arguments: all) func readsWhatItWrites(_ rights: Rights) throws {
    let packet = try #require(XMPPacket.bytes(rights))
    #expect(XMPPacket.rights(packet) == rights)
  }

  @Test func nothingToSayIsNoPacket() {
    #expect(XMPPacket.bytes(Rights()) == nil)
  }

  @Test(arguments: [
    (
      "<x Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/print\"/>",
      "print"
    ),
    ("<x Iptc4xmpExt:DigitalSourceType='composite'/>", "composite"),
    ("<Iptc4xmpExt:DigitalSourceType>humanEdits</Iptc4xmpExt:DigitalSourceType>", "humanEdits"),
  ])
  func otherProgramsWriteItOtherwise(_ text: String, _ term: String) {
    #expect(
      XMPPacket.rights(Array(text.utf8)).digitalSourceType == DigitalSourceType.vocabulary + term)
  }

  @Test(arguments: [
    "", "<dc:rights", "<dc:rights>", "<dc:rights><rdf:li></dc:rights>", "<dc:rights/>x</dc:rights>",
    "<dc:rights><rdf:li><b>x</b></rdf:li></dc:rights>",
    "<dc:rights><rdf:li> \u{1} </rdf:li></dc:rights>",
    "Iptc4xmpExt:DigitalSourceType=\"", "Iptc4xmpExt:DigitalSourceType=\"javascript:alert(1)\"",
    String(repeating: "<dc:rights>", count: 200),
  ])
  func damageIsNothingSaid(_ text: String) {
    #expect(XMPPacket.rights(Array(text.utf8)).isEmpty)
  }

  @Test func whatIsTooLongIsCut() throws {
    let packet = try #require(
      XMPPacket.bytes(Rights(copyright: String(repeating: "a", count: 9_000))))
    #expect(XMPPacket.rights(packet).copyright?.count == 2_000)
    #expect(XMPPacket.rights([0xFF, 0xFE] + packet).isEmpty, "no UTF-8")
  }
}
