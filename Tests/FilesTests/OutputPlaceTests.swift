import Core
import Files
import Testing

@Suite struct OutputPlaceTests {
  @Test(
    arguments: [
      ("out", "out", nil), ("/a/b/", "/a/b/", nil), ("file:///a/b", "/a/b", nil),
      ("s3://web/shop/", "swapline-remote/web/shop", "s3://web/shop"),
      ("s3://web/a b/../c", "swapline-remote/web/a_b/_/c", "s3://web/a b/../c"),
      ("https://dav.test:8443/x", "swapline-remote/dav.test_8443/x", "https://dav.test:8443/x"),
    ] as [(String, String, String?)])
  func aPlaceHasAFolderHere(text: String, folder: String, remote: String?) {
    let place = OutputPlace(text)
    #expect(place.folder == FileSystem.absolute(folder))
    #expect(place.remote == remote)
  }

  /// The address is refused later; by then the folder's name has kept nothing of it.
  @Test(arguments: [
    "https://ada:hush@dav.test/x", "https://dav.test/x?sig=hush", "https://dav.test/x#hush",
  ])
  func noSecretNamesAFolder(text: String) {
    #expect(OutputPlace(text).folder == FileSystem.absolute("swapline-remote/dav.test/x"))
  }
}
