import Testing

@testable import Vips

@Suite struct AllowedLoaderTests {
  /// One that no format of ours names, so that nothing else looks at it.
  @Test func whatLibvipsBlocksIsLetThroughByName() throws {
    try #require(try !VipsLibrary.hasOperation("radload"))
    try VipsLibrary.allow("radload")
    #expect(try VipsLibrary.hasOperation("radload"))
    #expect(try VipsLibrary.hasOperation("radsave"))
    #expect(try VipsLibrary.hasOperation("radload_buffer"))
    #expect(try !VipsLibrary.hasOperation("ppmload"), "the others stay blocked")
    try VipsLibrary.allow("no-such-load")
  }
}
