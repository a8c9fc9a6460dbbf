extension BadInputSection {
  static let items = BadInputSection(
    "Items",
    [
      .items("items file: empty", 2, ""),
      .items("items file: a header and no row", 2, "id,scene\n"),
      .items("items file: no column scene", 2, "id,picture\na,b.jpg\n"),
      .items(
        "items file: unknown column: carried along, and its file is missing", 1,
        "id,scene,colour\na,b.jpg,red\n"),
      .items("items file: a row with too many fields", 2, "id,scene\na,b.jpg,c\n"),
      .items("items file: quote never closed", 2, "id,scene\na,\"b.jpg\n"),
      .items("items file: text behind a closed quote", 2, "id,scene\na,\"b.jpg\"c\n"),
      .items("items file: a row without scene", 2, "id,scene\na,\n"),
      .items("items file: one name twice", 1, "id,scene\na,b.jpg\na,c.jpg\n").allowing(.manyErrors),
      .items("items file: one column twice", 2, "id,scene,scene\na,b.jpg,c.jpg\n"),
      .items(
        "items file: bad setting of a row", 2, "id,scene,validate.minimum_side\na,photo.jpg,wide\n"),
      .items(
        "items file: Windows-1252, and its file is missing", 1,
        .bytes(Array("id,scene\na,b".utf8) + [0xFF] + Array(".jpg\n".utf8))),
      .items(
        "items file: bytes of a picture", 2,
        .bytes([0x89] + Array("PNG\r\n\u{1A}\n\u{0}\u{1}".utf8))),
      .items("JSONL: a line that is no JSON", 1, "{\"scene\": \"a.jpg\"}\n{\"scene\": \n")
        .allowing(.manyErrors),
      .items("JSONL: a list", 1, "{\"scene\": \"a.jpg\"}\n[\"b.jpg\"]\n").allowing(.manyErrors),
      .items("JSONL: scene is a number", 2, "{\"scene\": 7}\n"),
      .items(
        "JSONL: a list indented over lines: read, and its file is missing", 1,
        "[\n  {\"scene\": \"a.jpg\"}\n]\n"),
      .prepare("items file: missing", 2, "-i", "nowhere.csv"),
      .prepare("items file: a folder", 2, "-i", "folder").file("folder", .folder),
      .items("items file and --scene", 2, "id,scene\na,photo.jpg\n", "-s", "photo.jpg"),
      .prepare("nothing to do", 2),
      .prepare(
        "one good item, one bad", 4, "-s", "photo.jpg", "-s", fixture("formats/text.jpg"),
        "--concurrency", "1"),
      .prepare(
        "two bad items", 1, "-s", fixture("formats/empty.jpg"), "-s", fixture("formats/text.jpg"),
        "--concurrency", "1"
      ).allowing(.manyErrors),
    ])
}

extension BadInput {
  fileprivate static func items(
    _ label: String, _ code: Int32, _ text: String, _ words: String...
  ) -> BadInput {
    var row = items(label, code, .text(text))
    row.words += words
    return row
  }

  fileprivate static func items(
    _ label: String, _ code: Int32, _ content: FileContent
  ) -> BadInput {
    .prepare(label, code, "-i", "items.txt", "--concurrency", "1").file("items.txt", content)
  }
}
