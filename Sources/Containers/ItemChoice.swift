/// Which items of a HEIF file its primary picture needs.
struct ItemChoice {
  /// What stays: the picture, its tiles, its transparency.
  var kept: Set<UInt32>
  /// EXIF and XMP that describe what stays, to be reduced.
  let described: Set<UInt32>
  private let cut: Set<PrivateData>
  private let pictures: Int

  /// How an item needs others. Source: ISO/IEC 23008-12, sections 6.4 to 6.6; ISO/IEC 23000-22.
  private static let needs: Set<String> = ["dimg", "base", "exbl", "pred", "tbas", "prem"]
  private static let pictureTypes: Set<String> = [
    "hvc1", "av01", "grid", "iovl", "iden", "avc1", "jpeg", "vvc1", "lhv1", "j2k1", "hvt1", "unci",
  ]

  init(_ table: ItemTable) {
    var kept: Set<UInt32> = [table.primary]
    var waiting = [table.primary]
    let byItem = Dictionary(grouping: table.references, by: \.from)
    let properties = Dictionary(grouping: table.associations, by: \.id)
    var opacities: [UInt32: [UInt32]] = [:]
    for reference in table.references where reference.type == "auxl" {
      let numbers = properties[reference.from]?.flatMap(\.properties) ?? []
      guard !table.alphaProperties.isDisjoint(with: numbers) else { continue }
      for id in reference.to { opacities[id, default: []].append(reference.from) }
    }
    while let id = waiting.popLast() {
      var next = (byItem[id] ?? []).filter { Self.needs.contains($0.type) }.flatMap(\.to)
      next += opacities[id] ?? []
      for other in next where kept.insert(other).inserted { waiting.append(other) }
    }
    var described: Set<UInt32> = []
    var cut: Set<PrivateData> = []
    var pictures = 1
    let tiles = Set(table.references.filter { $0.type == "dimg" }.flatMap(\.to))
    for item in table.items where !kept.contains(item.id) {
      let own = byItem[item.id] ?? []
      let describes = own.filter { $0.type == "cdsc" }.flatMap(\.to)
      let isText = item.type == "Exif" || item.contentType == "application/rdf+xml"
      if isText, describes.isEmpty || !kept.isDisjoint(with: describes) {
        described.insert(item.id)
      } else if own.contains(where: { $0.type == "thmb" }) {
        cut.insert(.thumbnail)
      } else if own.contains(where: { $0.type == "auxl" }) {
        cut.insert(.secondPicture)
      } else if Self.pictureTypes.contains(item.type) {
        cut.insert(.secondPicture)
        if !item.isHidden, !tiles.contains(item.id) { pictures += 1 }
      } else {
        cut.insert(item.type == "tmap" ? .secondPicture : .other)
      }
    }
    self.kept = kept
    self.described = described
    self.cut = cut
    self.pictures = pictures
  }

  /// Says what goes, except for what is reduced.
  func note(_ findings: inout Findings) {
    findings.removed.formUnion(cut)
    if pictures > 1 { findings.mend(.firstPicture(of: pictures)) }
  }
}
