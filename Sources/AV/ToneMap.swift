import CAV
import Dispatch
import Glibc

/// Brings pictures of high dynamic range (PQ and HLG in BT.2020 colours), and those of BT.2020 without
/// it, into BT.709.
///
/// Light up to a reference white of 203 cd/m² (ITU-R BT.2408) is kept nearly as it is, brighter light is
/// rolled off as in ITU-R BT.2390, section 5.4; colours are brought from BT.2020 to BT.709 and cut
/// where BT.709 has none. Not `Sendable`: one thread at a time.
final class ToneMap {
  private let resampling = Resampling()
  private var curve: (transfer: UInt32, tables: ToneCurve)?

  /// `frame` as it is when its range and its colours are the standard ones; else a picture of `width` x `height` with
  /// red, green and blue of 16 bits.
  func apply(_ frame: DecodedFrame, width: Int, height: Int) throws(AVError) -> DecodedFrame {
    let tags = ColorTags(frame)
    guard tags.made != tags else { return frame }
    let picture = try resampling.apply(
      frame, width: width, height: height, format: AV_PIX_FMT_RGB48LE,
      matrices: (tags.matrix, Int32(SWS_CS_DEFAULT)))
    let tables = curve?.transfer == tags.transfer ? curve?.tables : nil
    let own =
      tables
      ?? ToneCurve(
        tags.isWide
          ? .standard : tags.transfer == AVCOL_TRC_ARIB_STD_B67.rawValue ? .hybrid : .perceptual)
    curve = (tags.transfer, own)
    guard let data = picture.pointer.pointee.data.0 else { return picture }
    let address = UInt(bitPattern: data)
    let stride = Int(picture.pointer.pointee.linesize.0)
    DispatchQueue.concurrentPerform(iterations: height) { row in
      guard let line = UnsafeMutablePointer<UInt16>(bitPattern: address + UInt(row * stride)) else {
        return
      }
      own.apply(UnsafeMutableBufferPointer(start: line, count: width * 3))
    }
    ColorTags.standard.tag(picture)
    picture.pointer.pointee.colorspace = AVCOL_SPC_RGB
    picture.pointer.pointee.color_range = AVCOL_RANGE_JPEG
    return picture
  }
}

/// The tables behind a tone map.
struct ToneCurve: Sendable {
  private static let size = 4_096
  /// Linear light by stored sample, already rolled off for greys; 1 is the reference white.
  private let light: [Float]
  /// By how much the brightest sample of a pixel dims all three.
  private let gain: [Float]
  /// Stored samples of BT.709 by linear light.
  private let stored: [UInt16]

  /// How light became samples.
  enum Transfer {
    /// PQ: SMPTE ST 2084.
    case perceptual
    /// HLG: ARIB STD-B67, shown at 1,000 cd/m².
    case hybrid
    /// Standard range, shown by BT.1886.
    case standard
  }

  /// The tables for one way.
  init(_ transfer: Transfer) {
    let codes = (0..<Self.size).map { Double($0) / Double(Self.size - 1) }
    let linear = codes.map { code in
      switch transfer {
      case .perceptual: Self.perceptual(code)
      case .hybrid: Self.hybrid(code)
      case .standard: pow(code, 2.4) * 203
      }
    }
    light = linear.map { Float($0 / 203) }
    gain = linear.map { nits in
      if transfer == .standard { return 1 }
      guard nits > 0 else { return 1 }
      return Float(Self.perceptual(Self.rolledOff(Self.quantized(nits))) / nits)
    }
    let steps = 16_384
    stored = (0..<steps).map { step in
      // By the root, because dark steps are seen most.
      let root = Double(step) / Double(steps - 1)
      let light = root * root
      // The display's curve, so that what is shown comes out as it was: BT.1886.
      return UInt16((pow(light, 1 / 2.4) * 65_535).rounded())
    }
  }

  /// ST 2084: cd/m² by stored value of 0 to 1.
  private static func perceptual(_ code: Double) -> Double {
    let power = pow(code, 1 / 78.84375)
    let above = max(0, power - 0.8359375)
    return 10_000 * pow(above / (18.8515625 - 18.6875 * power), 1 / 0.1593017578125)
  }

  /// ST 2084 backwards.
  private static func quantized(_ nits: Double) -> Double {
    let power = pow(nits / 10_000, 0.1593017578125)
    return pow((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power), 78.84375)
  }

  /// HLG for grey, with the system gamma of 1.2.
  private static func hybrid(_ code: Double) -> Double {
    let scene =
      code <= 0.5 ? code * code / 3 : (exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return 1_000 * pow(scene, 1.2)
  }

  /// BT.2390's curve from a peak of 1,000 to one of 203 cd/m², on values of ST 2084.
  private static func rolledOff(_ code: Double) -> Double {
    let (peak, white) = (quantized(1_000), quantized(203))
    let most = white / peak
    let knee = 1.5 * most - 0.5
    let value = min(1, code / peak)
    guard value > knee else { return code }
    let t = (value - knee) / (1 - knee)
    let (t2, t3) = (t * t, t * t * t)
    let rolled =
      (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most
    return rolled * peak
  }

  /// Maps a row of red, green and blue in place.
  func apply(_ row: UnsafeMutableBufferPointer<UInt16>) {
    light.withUnsafeBufferPointer { light in
      gain.withUnsafeBufferPointer { gain in
        stored.withUnsafeBufferPointer { stored in
          for at in stride(from: 0, to: row.count, by: 3) {
            let (r, g, b) = (Int(row[at] >> 4), Int(row[at + 1] >> 4), Int(row[at + 2] >> 4))
            let dims = gain[max(r, max(g, b))]
            let (red, green, blue) = (light[r] * dims, light[g] * dims, light[b] * dims)
            // BT.2087: BT.2020 to BT.709.
            row[at] = Self.code(1.6605 * red - 0.5876 * green - 0.0728 * blue, stored)
            row[at + 1] = Self.code(-0.1246 * red + 1.1329 * green - 0.0083 * blue, stored)
            row[at + 2] = Self.code(-0.0182 * red - 0.1006 * green + 1.1187 * blue, stored)
          }
        }
      }
    }
  }

  private static func code(_ light: Float, _ stored: UnsafeBufferPointer<UInt16>) -> UInt16 {
    stored[Int(min(1, max(0, light)).squareRoot() * Float(stored.count - 1) + 0.5)]
  }
}
