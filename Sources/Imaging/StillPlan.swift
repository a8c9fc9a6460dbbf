import Core
import Processing

/// What has to change about a picture before limits let it pass.
struct StillPlan {
  /// One thing to change, and the limit that asks for it, as pipeline files write it.
  struct Need: Equatable {
    let kind: Change.Kind
    let limit: String
  }

  /// The size to scale to; the picture's own when no limit is passed.
  let size: Size
  /// What has to change; empty for a picture that passes as it is.
  let list: [Need]

  /// The needs of the picture behind `header`. Throws for what no change can mend.
  init(_ header: Header, _ limits: MediaLimits) throws {
    let picture = Size(header.uprightWidth, header.uprightHeight)
    try StillPlan.checkKind(header, limits)
    let fitted = try FittedSize(picture, header.file.name, limits)
    size = fitted.size
    var list = fitted.limits.map { Need(kind: .size, limit: limits.reason($0)) }
    func need(_ kind: Change.Kind, _ limit: MediaLimit, if isNeeded: Bool) {
      if isNeeded { list.append(Need(kind: kind, limit: limits.reason(limit))) }
    }
    need(.format, .formats, if: limits.formats?.contains(header.file.format) == false)
    need(.quality, .maximumSize, if: header.file.size > limits.maximumSize?.bytes ?? .max)
    need(.alpha, .alpha, if: limits.allowsAlpha == false && header.hasAlpha)
    need(.depth, .bitDepth, if: header.bitDepth > limits.maximumBitDepth ?? .max)
    need(.color, .srgb, if: limits.requiresSRGB == true && !header.isSRGB)
    need(.orientation, .upright, if: limits.requiresUpright == true && header.orientation != 1)
    self.list = list
    if header.frames > 1, let first = list.first {
      throw SwaplineError(
        .unsupported,
        "\(header.file.name) is an animation of \(header.frames) frames that would have to be "
          + "changed (\(first.limit)), and this step changes still pictures only.",
        hint: "Use gif, webp or png, whose animations can be changed, or a still picture.")
    }
  }

  /// The limits that ask for changes of `kind`; nil when none does.
  func limit(_ kind: Change.Kind) -> String? {
    let limits = list.filter { $0.kind == kind }.map(\.limit)
    return limits.isEmpty ? nil : limits.joined(separator: ", ")
  }

  /// The changes that would be made, as far as the header tells.
  func changes(_ header: Header, _ request: NormalizeRequest) -> [Change] {
    list.map { need in
      let (from, to) =
        switch need.kind {
        case .size: (Size(header.uprightWidth, header.uprightHeight).text, size.text)
        case .format:
          (
            header.file.format.name,
            request.limits.formats?.map(\.name).joined(separator: " or ") ?? ""
          )
        case .quality: (ByteSize(bytes: header.file.size).rounded, "fewer bytes")
        case .alpha: ("transparency", "flattened where it is used")
        case .depth: ("\(header.bitDepth) bits", "8 bits")
        case .color: (header.profileName ?? "\(header.colorModel.rawValue)", "sRGB")
        case .orientation: ("EXIF orientation \(header.orientation)", "upright")
        default: ("as it is", "changed")
        }
      return Change(need.kind, from: from, to: to, reason: need.limit)
    }
  }

  private static func checkKind(_ header: Header, _ limits: MediaLimits) throws {
    let kind: MediaKind = header.frames > 1 ? .animation : .image
    guard let kinds = limits.kinds, !kinds.contains(kind) else { return }
    let wanted = kinds.map(\.rawValue).joined(separator: " or ")
    let found = kind == .image ? "a still picture" : "an animation of \(header.frames) frames"
    throw SwaplineError(
      .unsupported, "\(header.file.name) is \(found); expected \(wanted).",
      hint: "Choose another file, or a target that takes it.")
  }
}
