import Core
import Processing
import Vips

/// Measures files.
struct Prober {
  let cancellation: Cancellation

  /// The facts of a file, from its bytes alone.
  func probe(_ request: ProbeRequest) throws -> Media {
    let header = try Header.read(request.file, limits: request.limits)
    if request.decodesFully {
      try cancellation.check()
      if try !decodeFrames(header) {
        try header.file.reading(rows: header.height) {
          try header.passingHarmlessFlaws {
            try header.open(strictness: $0, cancellation: cancellation).decodeAll()
          }
        }
      }
    }
    var media = try media(of: header)
    // Files that were just written here need no second look.
    if request.limits != .open { media.remarks = try remarks(of: header) }
    return media
  }

  /// Decodes every frame of what may move and keeps none; false for what cannot.
  private func decodeFrames(_ header: Header) throws -> Bool {
    guard let frames = try FrameSource(header, cancellation: cancellation) else {
      return false
    }
    let samples = UnsafeMutableRawBufferPointer.allocate(
      byteCount: frames.width * frames.height * 4, alignment: 64)
    defer { samples.deallocate() }
    while try frames.next(into: samples) {}
    return true
  }

  /// The facts of a file whose header was read.
  func media(of header: Header) throws -> Media {
    let isAnimation = header.frames > 1
    let duration = header.delays.map { Double($0.reduce(0, +)) / 1_000 }
    let rate = duration.flatMap { $0 > 0 ? Double(header.frames) / $0 : nil }
    return Media(
      kind: isAnimation ? .animation : .image, format: header.file.format, width: header.width,
      height: header.height, size: header.file.size, digest: try header.file.digest(cancellation),
      frames: header.frames, delays: header.delays, duration: duration, hasAlpha: header.hasAlpha,
      colorModel: header.colorModel, profile: header.profileName, bitDepth: header.bitDepth,
      orientation: header.orientation, loops: header.loops, frameRate: rate,
      rights: header.rights, remarks: header.remarks.isEmpty ? nil : header.remarks)
  }

  /// What a person should know of the file, and what changes nothing by itself.
  private func remarks(of header: Header) throws -> [String]? {
    var remarks = header.remarks
    switch header.file.format {
    case .png:
      let structure = PNGStructure(header.file.path)
      remarks += structure?.remarks ?? []
      if let flaw = structure?.flaw, structure?.lacksOnlyItsEnd == false {
        remarks.append(flaw.remark)
      }
    case .jpg:
      let bytes = try header.file.bytes()
      if let remark = JPEGStructure(bytes).remark(bytes) { remarks.append(remark) }
    case .bmp:
      if BitmapHeader(header.file.head)?.lacksPadding(of: Int(header.file.size)) == true {
        remarks.append("the padding of its last row is missing; every pixel is there")
      }
    case .tiff, .webp, .heic, .avif:
      if let flaw = header.file.flaw() { remarks.append(flaw.remark) }
      if let remark = header.coded?.remark { remarks.append(remark) }
    default: break
    }
    if header.completed != nil { remarks.append(try endRemark(of: header)) }
    return remarks.isEmpty ? nil : remarks
  }

  /// Whether a JPEG without its end marker is whole.
  private func endRemark(of header: Header) throws -> String {
    if header.completed?.gap != nil { return "cut off: its last scans are missing" }
    do {
      try cancellation.check()
      try header.open(cancellation: cancellation).decodeAll()
      return "no end marker; every row is there"
    } catch let error as VipsError where error.kind != .interrupted {
      return "cut off: \(error.rows ?? 0) of \(header.height) rows are there"
    }
  }
}
