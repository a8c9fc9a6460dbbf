extension BadInputSection {
  static let addresses = BadInputSection(
    "Addresses",
    [
      .prepare("URL without a host", 2, "-s", "http://"),
      .prepare("URL with a space", 2, "-s", "http://exa mple.com/a.jpg"),
      .prepare("URL with port 99999", 2, "-s", "http://127.0.0.1:99999/a.jpg"),
      .prepare("unknown host", 1, "-s", "http://no-such-host.invalid/a.jpg"),
      .prepare("port that nobody listens on", 1, "-s", "http://127.0.0.1:9/a.jpg"),
      .prepare("TLS to a server without it", 1, "-s", "https://127.0.0.1:{port}/photo.jpg"),
      .prepare("answer that is not HTTP", 1, "-s", "{web}/garbage.jpg"),
      .prepare("404", 1, "-s", "{web}/404.jpg"),
      .prepare("410", 1, "-s", "{web}/410.jpg"),
      .prepare("403", 1, "-s", "{web}/403.jpg"),
      .prepare("418", 1, "-s", "{web}/418.jpg"),
      .prepare("500, tried again", 1, "-s", "{web}/500.jpg").requests(2, "GET /500.jpg"),
      .prepare(
        "503 twice, then well (works)", 0, "-s", "{web}/wakes.jpg", "--set", "fetch.retries=3"
      )
      .requests(3, "GET /wakes.jpg"),
      .prepare("redirect loop", 1, "-s", "{web}/loop.jpg"),
      .prepare(
        "redirect with redirects: 0", 1, "-s", "{web}/loop.jpg", "--set", "fetch.redirects=0"),
      .prepare("redirect to a private address", 6, "-s", "{web}/to-private.jpg"),
      .prepare("redirect to a cloud's metadata address", 6, "-s", "{web}/to-metadata.jpg"),
      .prepare("redirect to file://", 6, "-s", "{web}/to-file.jpg"),
      .public("address on this machine", "{web}/photo.jpg?key=hidden").requests(0, "GET")
        .never("hidden"),
      .public("private address", "http://192.168.0.1/a.jpg"),
      .public("0.0.0.0", "http://0.0.0.0/a.jpg"),
      .public("127.0.0.1 as one number", "http://2130706433/a.jpg"),
      .public("[::1]", "http://[::1]/a.jpg"),
      .public("[::ffff:127.0.0.1]", "http://[::ffff:127.0.0.1]/a.jpg"),
      .public("localhost", "http://localhost/a.jpg"),
      .prepare("file:// of a missing file", 1, "-s", "file:///nowhere/a.jpg"),
      .prepare("file:// of another host", 2, "-s", "file://server/a.jpg"),
      .prepare("ftp://", 2, "-s", "ftp://example.com/a.jpg"),
      .prepare("gopher://", 2, "-s", "gopher://example.com/a.jpg"),
      .prepare(
        "user and password in the URL", 2, "-s", "http://me:secret@127.0.0.1:{port}/photo.jpg"
      )
      .never("secret"),
      .prepare("server that never answers", 1, "-s", "{web}/silent.jpg").late,
      .prepare("server that drips", 1, "-s", "{web}/drip.jpg").late,
      .prepare("connection cut once: goes on from there (works)", 0, "-s", "{web}/cut.jpg")
        .requests(2, "GET /cut.jpg"),
      .prepare("connection cut every time", 1, "-s", "{web}/always-cut.jpg"),
      .prepare("Content-Length says less than the picture has", 1, "-s", "{web}/short.jpg"),
      .prepare("Content-Length of 10 GB", 1, "-s", "{web}/vast.jpg"),
      .prepare("endless body", 1, "-s", "{web}/endless.jpg"),
      .prepare("HTML sent as image/jpeg", 1, "-s", "{web}/page.jpg"),
      .prepare("empty answer", 1, "-s", "{web}/empty.jpg"),
    ])
}

extension BadInput {
  /// A run that fetches from public addresses only.
  fileprivate static func `public`(_ label: String, _ address: String) -> BadInput {
    .prepare(label, 6, "-s", address, "--set", "fetch.addresses=public")
  }

  /// With no patience for an answer that is late.
  fileprivate var late: BadInput {
    var copy = self
    copy.words += ["--set", "fetch.timeout=500ms", "--set", "fetch.retries=0"]
    return copy
  }
}
