import Testing

@testable import Motion

@Suite struct FrameTests {
  @Test func holdsFourBytesAPixel() {
    #expect(Frame(width: 3, height: 5).pixels.count == 60)
  }
}
