import Core
import Vips

extension MediaFormat {
  /// Done once, before anything is read or written: a loader that a format names is let through, whatever libvips
  /// thinks of it.
  static let loadersAllowed: Void = {
    for case .libvips(let name) in all.map(\.reader) { try? VipsLibrary.allow(name) }
  }()

  /// The loader of libvips that reads it; nil where something else does.
  var loader: Loader? {
    if case .libvips(let name) = reader { Loader(rawValue: name) } else { nil }
  }

  /// Whether pictures of this format are read here.
  var isRead: Bool {
    get throws {
      Self.loadersAllowed
      return switch reader {
      case .libvips(let name): try Loader(rawValue: name).isInstalled
      case .own: true
      case .libav: false
      }
    }
  }

  /// The installed loader for the file called `name`. Throws `SwaplineError` where there is none.
  func installedLoader(for name: String) throws -> Loader {
    Self.loadersAllowed
    guard let loader, try loader.isInstalled else {
      throw SwaplineError(
        .unsupported, "\(name) is a \(self), which the installed libvips does not read.",
        hint: "Convert it to jpg, png or webp first; `swapline doctor` lists what can be read.")
    }
    return loader
  }
}
