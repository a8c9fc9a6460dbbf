import Core
import Processing
import Vips

/// Makes several files from one picture, decoded once.
struct Renderer {
  let cancellation: Cancellation
  /// Finds the faces of an upright picture; nil where nobody does.
  var faces: FaceFinder?
  var meter: MediaProgress.Meter?
  /// Whether files are on the disk when they are made.
  var syncs = true

  /// The files, in the order in which they were asked for.
  func render(_ request: RenderRequest) throws -> [Rendered] {
    for rendition in request.renditions { try check(rendition) }
    let header = try Header.read(request.file, limits: request.decoding)
    let boxes =
      request.renditions.contains { $0.fit == .face }
      ? try faces?(FindFacesRequest(file: request.file, limits: request.decoding), cancellation)
      : nil
    try cancellation.check()
    let picture = Size(header.uprightWidth, header.uprightHeight)
    let limit = request.decoding.maximumPixels
    let decoder = Decoder(header: header, cancellation: cancellation)
    var made: [Int: Rendered] = [:]
    let regions = request.renditions.reduce(into: [FaceBox?]()) { list, rendition in
      if !list.contains(rendition.region) { list.append(rendition.region) }
    }
    for region in regions {
      let indices = request.renditions.indices.filter { request.renditions[$0].region == region }
      let renditions = indices.map { request.renditions[$0] }
      let part = region.map { picture.part($0) }
      let files = try render(
        renditions, of: part.map { Size($0.width, $0.height) } ?? picture, faces: boxes ?? [],
        limit: limit
      ) { widest in
        guard let part else { return try decoder.decode(largerThan: widest) }
        var decoded = try decoder.decode(largerThan: nil)
        decoded.image = try computing {
          try decoded.image.cropped(
            left: part.x, top: part.y, width: part.width, height: part.height)
        }
        return decoded
      }
      for (index, file) in zip(indices, files) { made[index] = file }
    }
    return request.renditions.indices.compactMap { made[$0] }
  }

  /// The files of a picture that `decode` gives, at least twice as large as it is told.
  func render(
    _ renditions: [RenditionRequest], of picture: Size, faces: [FaceBox], limit: Int,
    _ decode: (Size?) throws -> Decoded
  ) throws -> [Rendered] {
    for rendition in renditions { try check(rendition) }
    let placements = renditions.map {
      Placement(picture, width: $0.width, height: $0.height, fit: $0.fit, enlarges: $0.enlarges)
    }
    for placement in placements where placement.scaled.pixels > picture.pixels {
      try check(enlarged: placement.scaled, limit: limit)
    }
    let widest = placements.map(\.scaled).max { $0.pixels < $1.pixels }
    let decoded = try decode(widest)
    let cascade = Cascade(decoded.image)
    var made: [StillRendition] = []
    // From large to small, so that small ones are made from larger ones.
    let order = placements.indices.sorted {
      placements[$0].scaled.pixels > placements[$1].scaled.pixels
    }
    for index in order {
      var rendition = StillRendition(
        order: renditions[index], placement: placements[index], picture: picture, faces: faces,
        cascade: cascade, cancellation: cancellation, image: decoded.image, changes: decoded.changes
      )
      for step in StillSteps.rendition { try step(&rendition) }
      made.append(rendition)
    }
    // Encoders need memory by the pixel, of which a worker has enough for one very large picture.
    let pixels = made.reduce(0) { $0 + $1.image.width * $1.image.height }
    let files = try SideBySide.map(
      made, isFree: pixels <= 40_000_000,
      note: { meter?.note(Int64($0), of: Int64(renditions.count)) }
    ) { try write($0, decoded.rights) }
    return zip(order, files).sorted { $0.0 < $1.0 }.map(\.1)
  }

  private func write(_ made: StillRendition, _ rights: Rights?) throws -> Rendered {
    let (rendition, image) = (made.order, made.image)
    var changes = made.changes
    let writer = Writer(cancellation: cancellation, syncs: syncs)
    let rights = rendition.rights ?? rights
    let quality = rendition.quality ?? rendition.format.encoding?.defaultQuality
    let encoded: EncodedPicture
    if let limit = rendition.maximumSize {
      let name = rendition.output.split(separator: "/").last.map(String.init) ?? ""
      let fitted = try ByteFit(
        writer: writer, format: rendition.format, limits: MediaLimits(maximumSize: limit),
        name: name, rights: rights, best: quality ?? 92
      ).fit(image)
      encoded = fitted.encoded
      changes += fitted.changes
      if let reason = fitted.sizeLimit {
        changes.append(
          Change(
            .size, from: "\(image.width)x\(image.height)", to: fitted.size.text, reason: reason))
      }
    } else {
      encoded = try writer.encode(
        image, as: rendition.format, quality: rendition.quality, rights: rights)
    }
    let media = try writer.write(encoded, to: rendition.output)
    return Rendered(file: rendition.output, media: media, changes: changes)
  }

  private func check(enlarged size: Size, limit: Int) throws {
    guard size.pixels > limit else { return }
    throw SwaplineError(
      .limit,
      "A rendition would be enlarged to \(size.text) pixels, more than the \(limit) allowed.",
      hint: "Ask for a smaller one.")
  }

  private func check(_ rendition: RenditionRequest) throws {
    for side in [rendition.width, rendition.height].compactMap({ $0 })
    where !(1...65_500).contains(side) {
      throw SwaplineError(
        .usage, "A rendition's side is \(side) pixels; 1 to 65500 are possible.")
    }
    if let quality = rendition.quality, !(1...100).contains(quality) {
      throw SwaplineError(.usage, "A rendition's quality is \(quality); 1 to 100 are possible.")
    }
  }
}

extension Change {
  /// Transparency that became a colour of 8-bit samples.
  static func flattened(onto background: [UInt8], reason: String) -> Change {
    Change(
      .alpha, from: "transparency", to: "flattened onto #\(background.hexadecimal)",
      reason: reason)
  }
}
