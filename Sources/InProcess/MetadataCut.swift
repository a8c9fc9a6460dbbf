import Containers
import Core
import Glibc
import Imaging
import Processing

/// Cuts what is private out of files that would otherwise pass byte for byte, and says what went.
struct MetadataCut {
  let request: NormalizeRequest
  let room: Workroom

  /// The answer to the request, without private data in the file that goes on.
  func apply(to answer: NormalizeAnswer) throws -> NormalizeAnswer {
    let passes = request.isPreview ? answer.changes.isEmpty : answer.file == nil
    let strip: MetadataStrip
    do {
      strip = try MetadataStrip(
        of: request.file, format: try format(answer, passes), rights: answer.media.rights,
        policy: passes ? request.metadata : .strip)
    } catch let error as StructureError {
      guard passes, request.metadata == .strip else { return answer }
      return try encoded(answer, error)
    }
    guard passes else { return told(strip, answer) }
    let asItIs = request.metadata == .keep ? kept(strip, answer) : answer
    guard !strip.isUnchanged else { return asItIs }
    if strip.repairs.contains(.endMarker) {
      // A marker hides that rows are missing; the error says how many.
      _ = try facts(of: request.file, decodesFully: true)
    }
    var answer = asItIs
    answer.changes += changes(strip)
    guard !request.isPreview else { return answer }
    let output = "\(request.output).\(answer.media.format.name)"
    try write(strip, to: output)
    let media = try facts(of: output)
    guard Self.shows(media, whatIsShownBy: answer.media) else {
      unlink(output)
      return request.metadata == .keep ? asItIs : try encoded(answer, nil)
    }
    answer.file = output
    answer.media = media
    return answer
  }

  /// The original's format: the answer's media are of what was made of it.
  private func format(_ answer: NormalizeAnswer, _ passes: Bool) throws -> MediaFormat {
    if passes || request.isPreview { return answer.media.format }
    return try SniffedFile(request.file).format ?? answer.media.format
  }

  private func write(_ strip: MetadataStrip, to output: String) throws {
    let partial = PartialFile.path(for: request.output, process: getpid())
    do {
      try strip.write(to: partial) { try room.cancellation.check() }
      guard rename(partial, output) == 0 else { throw PartialFile.failure(errno, output) }
    } catch {
      unlink(partial)
      throw error
    }
    try PartialFile.syncFolder(of: output)
  }

  private func facts(of file: String, decodesFully: Bool = false) throws -> Media {
    let request = ProbeRequest(
      file: file, limits: decodesFully ? self.request.decoding : .open, decodesFully: decodesFully)
    return try room.probe(request)
  }

  /// Whether the facts that people see are the same: a cut changes none of them.
  private static func shows(_ media: Media, whatIsShownBy original: Media) -> Bool {
    media.kind == original.kind && media.width == original.width
      && media.height == original.height && media.frames == original.frames
      && media.delays == original.delays && media.orientation == original.orientation
      && media.hasAlpha == original.hasAlpha && media.hasAudio == original.hasAudio
      && media.profile == original.profile && media.loops == original.loops
      && media.duration == original.duration
  }

  // MARK: What is said

  private func changes(_ strip: MetadataStrip) -> [Change] {
    var changes: [Change] = []
    if request.metadata == .strip, !strip.removed.isEmpty {
      let mark = strip.hasProvenance ? "; the provenance mark stays, and its seal is broken" : ""
      changes.append(
        Change(
          .metadata, from: Self.names(strip), to: "cut out",
          reason: "private data stays on this machine\(mark)"))
    }
    return changes + strip.repairs.map(Self.change)
  }

  private static func names(_ strip: MetadataStrip) -> String {
    strip.removed.map(\.rawValue).joined(separator: ", ")
  }

  private static func change(_ repair: Repair) -> Change {
    switch repair {
    case .endMarker:
      Change(
        .container, from: "no end marker", to: "an end marker was added",
        reason: "strict readers refuse a file without one")
    case .checksum(let name):
      Change(
        .container, from: "a wrong checksum in \(name)", to: "no wrong checksum",
        reason: "strict readers refuse a file with a wrong one")
    case .firstPicture(let count):
      Change(
        .frames, from: "\(count) pictures", to: "the first picture",
        reason: "viewers do not show the others, so they would be sent unseen")
    }
  }

  /// A file that was written anew for other reasons carries none of it.
  private func told(_ strip: MetadataStrip, _ answer: NormalizeAnswer) -> NormalizeAnswer {
    guard !strip.removed.isEmpty else { return answer }
    var answer = answer
    if let index = answer.changes.firstIndex(where: { $0.kind == .metadata }) {
      answer.changes[index].from = Self.names(strip)
    } else {
      answer.changes.append(
        Change(
          .metadata, from: Self.names(strip), to: "left out",
          reason: "the file is encoded again without it"))
    }
    return answer
  }

  private func kept(_ strip: MetadataStrip, _ answer: NormalizeAnswer) -> NormalizeAnswer {
    guard !strip.removed.isEmpty else { return answer }
    var answer = answer
    answer.changes.append(
      Change(
        .metadata, from: Self.names(strip), to: "left in the file", reason: "metadata: keep"))
    return answer
  }

  // MARK: What cannot be followed

  /// The file encoded anew: nothing of an unknown structure goes on.
  private func encoded(
    _ answer: NormalizeAnswer, _ error: StructureError?
  ) throws -> NormalizeAnswer {
    // Where the pixels are damaged too, that is what there is to say.
    _ = try facts(of: request.file, decodesFully: true)
    let why = error?.reason ?? "a copy without its metadata would not look the same"
    let name = request.file.split(separator: "/").last.map(String.init) ?? request.file
    let refusal = SwaplineError(
      .unsupported, "Private data cannot be cut out of \(name): \(why).",
      hint: "Export it again with another program, or send it as it is with "
        + "'normalize: { metadata: keep }'.")
    let formats = request.limits.formats ?? [answer.media.format, .png, .jpg, .mp4]
    let format =
      formats.first { $0 == answer.media.format && Self.writes($0, answer.media) }
      ?? formats.first { Self.writes($0, answer.media) }
    guard let format else { throw refusal }
    var new = answer
    new.changes =
      answer.changes.filter { $0.kind == .frames } + [
        Change(
          .quality, from: "\(answer.media.format) as it was", to: "re-encoded as \(format)",
          reason: "private data cannot be cut out of it: \(why)")
      ]
    guard !request.isPreview else { return new }
    let order = RenditionRequest(
      output: "\(request.output).\(format.name)", format: format,
      quality: format == .jpg ? 95 : nil,
      background: request.background, content: answer.media.kind == .image ? .first : .moving,
      rights: answer.media.rights)
    let render = RenderRequest(file: request.file, renditions: [order], decoding: request.decoding)
    let made: [Rendered]
    do {
      made = try room.render(render)
    } catch is SwaplineError {
      throw refusal
    }
    guard let file = made.first else { throw refusal }
    if let most = request.limits.maximumSize, file.media.size > most.bytes {
      unlink(file.file)
      throw refusal
    }
    new.file = file.file
    new.media = file.media
    new.changes += file.changes
    return new
  }

  private static func writes(_ format: MediaFormat, _ media: Media) -> Bool {
    guard format.kinds.contains(media.kind) else { return false }
    return media.kind == .video
      || format.encoding != nil
        && (format.holdsAlpha || !media.hasAlpha)
  }
}
