extension BadInputSection {
  static let files = BadInputSection(
    "Files",
    [
      .prepare("truncated JPEG", 1, "-s", fixture("formats/truncated.jpg")),
      .prepare("truncated PNG", 1, "-s", fixture("formats/truncated.png")),
      .prepare(
        "truncated JPEG, `complete: false`: found where its pixels are needed", 1, "-s",
        fixture("formats/truncated.jpg"), "--set", "validate.complete=false"),
      .command(
        "truncated JPEG, probe (header only, works)", 0, "probe", fixture("formats/truncated.jpg")),
      .command(
        "truncated JPEG, probe --complete", 1, "probe", "--complete",
        fixture("formats/truncated.jpg")),
      .prepare(
        "mislabelled: a PNG called .jpg (works)", 0, "-s", fixture("formats/mislabelled.jpg")),
      .prepare("empty file", 1, "-s", fixture("formats/empty.jpg")),
      .prepare("header of a huge picture", 1, "-s", fixture("formats/huge-header.png")),
      .prepare("HTML page called .jpg", 1, "-s", "page.jpg")
        .file("page.jpg", .text("<!doctype html><html><title>404</title></html>")),
      .prepare("text called .jpg", 1, "-s", "notes.jpg").file("notes.jpg", .text("Milk, bread\n")),
      .prepare("PDF", 1, "-s", "paper.pdf")
        .file("paper.pdf", .text("%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF")),
      .prepare("zip archive", 1, "-s", "pictures.zip")
        .file("pictures.zip", .bytes([0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 40))),
      .prepare("SVG", 1, "-s", fixture("drawings/ada.svg")),
      .prepare("video (MP4) that is only a header", 1, "-s", "clip.mp4").file(
        "clip.mp4",
        .bytes([0, 0, 0, 32] + Array("ftypisom\0\0\u{2}\0isomiso2avc1mp41\0\0\0\u{8}free".utf8))),
      .prepare("BMP, cut short", 1, "-s", "small.bmp")
        .file("small.bmp", .bytes([0x42, 0x4D] + [UInt8](repeating: 0, count: 8))),
      .prepare("the first three bytes of a JPEG", 1, "-s", "three.jpg")
        .file("three.jpg", .start(of: "scenes/portrait.jpg", 3)),
      .prepare("noise", 1, "-s", "noise.jpg").file("noise.jpg", .bytes(FileContent.noise(65_536))),
      .prepare("JPEG with noise in its second half", 1, "-s", "half.jpg")
        .file("half.jpg", .start(of: "formats/orientation-1.jpg", 1_700, noise: 2_000)),
      .prepare("folder: what is good is done", 4, "-s", "folder", "--concurrency", "1")
        .file("folder/cut.jpg", .fixture("formats/truncated.jpg"))
        .file("folder/good.jpg", .fixture("formats/gray.jpg"))
        .file("folder/page.jpg", .fixture("formats/text.jpg")),
      .prepare("/dev/zero", 2, "-s", "/dev/zero"),
      .prepare("FIFO that nobody writes to", 2, "-s", "silent.jpg").file("silent.jpg", .pipe),
      .command("FIFO, probe", 2, "probe", "silent.jpg").file("silent.jpg", .pipe),
      .command("/dev/zero, probe", 2, "probe", "/dev/zero"),
      .command("folder, probe", 2, "probe", "folder").file("folder", .folder),
      .prepare("missing file", 1, "-s", "nowhere.jpg"),
      .prepare("empty name", 2, "-s", ""),
      .prepare("symbolic link to itself", 1, "-s", "circle.jpg")
        .file("circle.jpg", .link("circle.jpg")),
      .prepare("name of 300 characters", 1, "-s", String(repeating: "x", count: 300) + ".jpg"),
      .prepare("spaces and other scripts in the name (works)", 0, "-s", "two words ünïcode 顔.jpg")
        .file("two words ünïcode 顔.jpg", .fixture("formats/gray.jpg")),
      .prepare("line break in the name (works)", 0, "-s", "new\nline.jpg")
        .file("new\nline.jpg", .fixture("formats/gray.jpg")),
      .prepare("leading dash, as --scene=-dash.jpg (works)", 0, "--scene=-dash.jpg")
        .file("-dash.jpg", .fixture("formats/gray.jpg")),
      .command("leading dash, probe -dash.jpg", 2, "probe", "-dash.jpg")
        .file("-dash.jpg", .fixture("formats/gray.jpg")),
      .command("leading dash, probe -- -dash.jpg (works)", 0, "probe", "--", "-dash.jpg")
        .file("-dash.jpg", .fixture("formats/gray.jpg")),
      .shell(
        "name that is not UTF-8", 1,
        """
        name=$(printf 'bad\\377.jpg'); cp photo.jpg "$name"
        exec {swapline} run prepare.yaml --out out -s "$name"
        """),
      .prepare(
        "name of 240 bytes in another script (works)", 0, "-s",
        String(repeating: "顔", count: 80) + ".jpg"
      )
      .file(String(repeating: "顔", count: 80) + ".jpg", .fixture("formats/gray.jpg")),
      .shell(
        "item called run.json (works)", 0,
        """
        {swapline} run prepare.yaml --out out -i items.csv && test -s out/run.json
        """
      )
      .file("items.csv", .text("id,scene\nrun.json,photo.jpg\n")),
      .shell(
        "item called ../../x stays in the folder (works)", 0,
        "{swapline} run prepare.yaml --out out -i items.csv && ls out | grep -q x"
      )
      .file("items.csv", .text("id,scene\n../../x,photo.jpg\n")),
      .prepare("standard input with nothing in it", 1, "-s", "-"),
      .command(
        "standard input twice", 2, "run", "swap.yaml", "--out", "out", "-s", "-", "-f", "-"),
      .shell(
        "standard input closed", 1, "exec {swapline} run prepare.yaml --out out -s - <&-"),
      .shell(
        "endless standard input", 1,
        "exec {swapline} run prepare.yaml --out out -s - </dev/zero"),
      .prepare(
        "larger than maximum_size", 1, "-s", fixture("scenes/portrait.jpg"), "--set",
        "fetch.maximum_size=10kB"),
      .prepare("file that may not be read", 1, "-s", "secret.jpg")
        .file("secret.jpg", .closed(.fixture("formats/gray.jpg"))).bound,
    ])
}
