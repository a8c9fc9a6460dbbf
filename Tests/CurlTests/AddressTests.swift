import Curl
import Testing

@Suite struct AddressTests {
  @Test(arguments: [
    "8.8.8.8", "1.1.1.1", "192.0.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255",
    "100.128.0.0", "2606:4700::1111", "2a00:1450:4001::1", "223.255.255.255", "198.17.0.1",
  ]) func isPublic(_ text: String) throws {
    #expect(try #require(IPAddress(text)).isPublic)
  }

  @Test(arguments: [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
    "5f00::1",
  ]) func isNotPublic(_ text: String) throws {
    #expect(try !#require(IPAddress(text)).isPublic)
  }

  @Test(arguments: [("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", false), ("::", false)])
  func loopback(_ text: String, _ expected: Bool) throws {
    let address = try #require(IPAddress(text))
    #expect(address.isLoopback == expected)
    #expect(AddressPolicy.publicAndLoopback.allows(address) == expected)
    #expect(!AddressPolicy.publicOnly.allows(address))
    #expect(AddressPolicy.any.allows(address))
  }

  @Test func printsItself() {
    #expect(IPAddress("10.1.2.3")?.description == "10.1.2.3")
    #expect(IPAddress("2001:DB8:0::1")?.description == "2001:db8::1")
    #expect(IPAddress("localhost") == nil)
  }

  @Test(
    arguments: [
      ("http://Example.COM", "http", "example.com", 80, "/", nil, "http://example.com/"),
      (
        "https://a.b:8443/x y?q=1#part", "https", "a.b", 8443, "/x%20y", "q=1",
        "https://a.b:8443/x%20y?q=1"
      ),
      ("http://2130706433/", "http", "127.0.0.1", 80, "/", nil, "http://127.0.0.1/"),
      ("http://0x7f.1/", "http", "127.0.0.1", 80, "/", nil, "http://127.0.0.1/"),
      (
        "http://[0:0:0:0:0:FFFF:127.0.0.1]:8/", "http", "::ffff:127.0.0.1", 8, "/", nil,
        "http://[::ffff:127.0.0.1]:8/"
      ),
      (
        "http://bücher.example/größe.jpg?q=ü", "http", "xn--bcher-kva.example", 80,
        "/gr%c3%b6%c3%9fe.jpg", "q=%c3%bc",
        "http://xn--bcher-kva.example/gr%c3%b6%c3%9fe.jpg?q=%c3%bc"
      ),
      (
        "https://BÜCHER.Example:444/", "https", "xn--bcher-kva.example", 444, "/", nil,
        "https://xn--bcher-kva.example:444/"
      ),
      (
        "http://bu\u{308}cher.example/", "http", "xn--bcher-kva.example", 80, "/", nil,
        "http://xn--bcher-kva.example/"
      ),
      (
        "http://b%C3%BCcher.example/", "http", "xn--bcher-kva.example", 80, "/", nil,
        "http://xn--bcher-kva.example/"
      ),
      (
        "http://例え.テスト/", "http", "xn--r8jz45g.xn--zckzah", 80, "/", nil,
        "http://xn--r8jz45g.xn--zckzah/"
      ),
      ("http://straße.de/", "http", "xn--strae-oqa.de", 80, "/", nil, "http://xn--strae-oqa.de/"),
      (
        "http://xn--bcher-kva.example/", "http", "xn--bcher-kva.example", 80, "/", nil,
        "http://xn--bcher-kva.example/"
      ),
      // Letters that become digits and dots must be seen as the address that they make.
      ("http://１２７。０。０。１/", "http", "127.0.0.1", 80, "/", nil, "http://127.0.0.1/"),
    ] as [(String, String, String, Int, String, String?, String)])
  func parts(
    _ text: String, _ scheme: String, _ host: String, _ port: Int, _ path: String,
    _ query: String?, _ whole: String
  ) throws {
    let address = try WebAddress(text)
    #expect(address.scheme == scheme)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.path == path)
    #expect(address.query == query)
    #expect(address.description == whole)
  }

  @Test(arguments: [
    "", "nothing", "/path", "ftp://a.b/", "file:///etc/passwd", "gopher://a/", "http://",
    "http://user@a.b/", "http://user:word@a.b/", "http://:word@a.b/",
    "http://a.b:99999/", "http://a\r\nb/", "javascript:alert(1)", "http://a b/",
    "http://ü@a.b/", "http://-ü-.\u{200D}/", "http://\u{FFFD}.example/",
    "http://\(String(repeating: "ü", count: 300)).example/",
  ]) func refuses(_ text: String) {
    let error = #expect(throws: CurlError.self) { try WebAddress(text) }
    #expect(error?.kind == .badAddress)
    #expect(error?.requestSent == false)
  }

  @Test func passwordsAreNotRepeated() {
    let error = #expect(throws: CurlError.self) { try WebAddress("http://me:secret@a.b/") }
    #expect(error?.detail.contains("secret") == false)
  }

  @Test(arguments: [
    ("http://a/", "http://a:80/x", true), ("http://a/", "https://a/", false),
    ("http://a/", "http://a:81/", false), ("http://a/", "http://b/", false),
    ("https://A/", "https://a:443/", true),
  ]) func origins(_ a: String, _ b: String, _ expected: Bool) throws {
    #expect(try WebAddress(a).isSameOrigin(as: WebAddress(b)) == expected)
  }
}
