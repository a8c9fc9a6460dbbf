extension BadInputSection {
  static let disks = BadInputSection(
    "Disks and folders",
    [
      .out("--out is a file", 1, "notes.txt").file("notes.txt", .text("mine")),
      .out("--out below a file", 1, "notes.txt/out").file("notes.txt", .text("mine")),
      .out("--out in /proc", 1, "/proc/nowhere"),
      .out("--out at another host", 2, "file://server/out"),
      .out("folder in which nothing may be written", 1, "closed/out")
        .file("closed", .closed(.folder)).bound,
      .prepare("--out in which another run works", 2, "-s", "photo.jpg")
        .beside(
          "{swapline}", "run", "prepare.yaml", "--out", "out", "-s", "{web}/silent.jpg",
          file: "out/.swapline/lock"),
      .prepare("ledger damaged", 1, "-s", "photo.jpg")
        .file("out/.swapline/ledger.sqlite", .text(damage)),
      .prepare("memory of stages damaged (made anew, works)", 0, "-s", "photo.jpg")
        .file("out/.swapline/memory.sqlite", .text(damage)),
      .prepare("a folder stands where asset.json goes", 1, "-s", "photo.jpg")
        .file("out/photo/asset.json", .folder),
      .prepare("a file stands where the item's folder goes", 1, "-s", "photo.jpg")
        .file("out/photo", .text("mine")),
      .disk("read-only file system", 1, "size=1m,ro", run),
      .disk("disk without room for the record", 1, "size=64k", run),
      .disk(
        "the same with space again (works)", 0, "size=8m",
        "{ cat /dev/zero >disk/rest; ! \(run); } 2>first && rm disk/rest && \(run)"),
      .disk(
        "disk without room for the record of a swap", 1, "size=64k",
        "{swapline} run swap.yaml --out disk/out -s \(scene) -f \(face)"),
      .disk(
        "disk without room for a scene from standard input", 1, "size=200k",
        "{swapline} run prepare.yaml --out disk/out -s - <\(fixture("formats/sixteen-bit.png"))"),
    ])

  private static let run = "{swapline} run prepare.yaml --out disk/out -s photo.jpg"
  private static let damage = "not a database, not at all, not even a little"
}

extension BadInput {
  /// A run with its results at this place.
  fileprivate static func out(_ label: String, _ code: Int32, _ place: String) -> BadInput {
    .command(label, code, "run", "prepare.yaml", "--out", place, "-s", "photo.jpg")
  }
}
