import Testing
import WebP

@Suite struct WebPLibraryTests {
  @Test func theVersionIsTheOneOfDebian12OrLater() {
    let parts = WebPLibrary.version.split(separator: ".").compactMap { Int($0) }
    #expect(parts.lexicographicallyPrecedes([1, 2]) == false)
  }
}
