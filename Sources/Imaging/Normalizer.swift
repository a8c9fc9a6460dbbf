import Core
import Processing
import Vips

/// Brings pictures within limits by the least change.
struct Normalizer {
  let cancellation: Cancellation

  /// The picture within its limits; a picture that meets them is not written again.
  func normalize(_ request: NormalizeRequest) throws -> NormalizeAnswer {
    let header = try Header.read(request.file, limits: request.decoding)
    let needs = try StillPlan(header, request.limits)
    guard !needs.list.isEmpty else {
      let media = try Prober(cancellation: cancellation).media(of: header)
      return NormalizeAnswer(file: nil, media: media, changes: [])
    }
    if request.isPreview {
      let media = try Prober(cancellation: cancellation).media(of: header)
      return NormalizeAnswer(file: nil, media: media, changes: needs.changes(header, request))
    }
    try cancellation.check()
    let decoded = try Decoder(header: header, cancellation: cancellation).decode(to: needs.size)
    return try write(decoded, header, needs, request)
  }

  private func write(
    _ decoded: Decoded, _ header: Header, _ needs: StillPlan, _ request: NormalizeRequest
  ) throws -> NormalizeAnswer {
    var changes = decoded.changes.map { change in
      var change = change
      if let limit = needs.limit(change.kind) { change.reason = limit }
      return change
    }
    let alpha = try Alpha(decoded.image)
    let format = try format(for: header, alpha, request)
    let image = try computing {
      try settle(alpha, in: decoded.image, for: format, needs, request, &changes)
    }
    let picture = Size(header.uprightWidth, header.uprightHeight)
    if format != header.file.format {
      let forced = "\(header.file.format) is only read, and the picture has to be re-encoded"
      changes.append(
        Change(
          .format, from: header.file.format.name, to: format.name,
          reason: needs.limit(.format) ?? forced))
    }
    let fitted = try ByteFit(
      writer: Writer(cancellation: cancellation), format: format, limits: request.limits,
      name: header.file.name, rights: header.rights
    ).fit(image)
    if fitted.size != picture {
      let byBytes = fitted.size == needs.size ? nil : needs.limit(.quality) ?? fitted.sizeLimit
      let reasons = [needs.limit(.size), byBytes].compactMap { $0 }
      changes.append(
        Change(
          .size, from: picture.text, to: fitted.size.text, reason: reasons.joined(separator: ", ")))
    }
    changes += fitted.changes
    let output = "\(request.output).\(format.name)"
    let media = try Writer(cancellation: cancellation, syncs: request.syncs)
      .write(fitted.encoded, to: output, base: request.output)
    return NormalizeAnswer(file: output, media: media, changes: changes)
  }

  /// The picture's own format where it may stay, else the first allowed one that keeps what the
  /// picture has.
  private func format(
    for header: Header, _ alpha: Alpha, _ request: NormalizeRequest
  ) throws -> MediaFormat {
    let allowed = request.limits.formats ?? MediaFormat.writable
    let candidates = allowed.filter { $0.encoding != nil }
    if candidates.contains(header.file.format) { return header.file.format }
    let keepsAlpha = alpha == .used && request.limits.allowsAlpha != false
    if keepsAlpha, let first = candidates.first(where: \.holdsAlpha) { return first }
    guard let first = candidates.first else {
      throw SwaplineError(
        .unsupported,
        "\(header.file.name) would have to become \(allowed.map(\.name).joined(separator: " or "))"
          + ", which Swapline does not write.",
        hint: "Allow one of \(MediaFormat.writable.map(\.name).joined(separator: ", ")).")
    }
    return first
  }

  /// Removes the opacity channel where the target has no place for it.
  private func settle(
    _ alpha: Alpha, in image: Image, for format: MediaFormat, _ needs: StillPlan,
    _ request: NormalizeRequest, _ changes: inout [Change]
  ) throws -> Image {
    guard alpha != .none, !format.holdsAlpha || needs.limit(.alpha) != nil else { return image }
    let reason = needs.limit(.alpha) ?? "\(format) holds no transparency"
    guard alpha == .used else {
      changes.append(
        Change(.alpha, from: "opacity channel, opaque everywhere", to: "none", reason: reason))
      return try image.bands(0, count: image.bands - 1)
    }
    changes.append(.flattened(onto: request.background, reason: reason))
    return try image.flattened(onto: request.background)
  }
}

/// Whether a picture in memory has an opacity channel, and whether that channel matters.
private enum Alpha {
  case none
  case opaque
  case used

  init(_ image: Image) throws {
    guard image.hasAlpha else {
      self = .none
      return
    }
    let least = try computing { try image.bands(image.bands - 1, count: 1).minimum() }
    self = least < 255 ? .used : .opaque
  }
}
