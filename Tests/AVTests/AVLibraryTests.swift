import AV
import Testing

@Suite struct AVLibraryTests {
  @Test func theVersionIsTheOneOfDebian12OrLater() {
    let major = AVLibrary.version.split(separator: ".").first.flatMap { Int($0) }
    #expect((major ?? 0) >= 59)
  }
}
