import Core
import Processing
import Testing

@testable import Stages

@Suite struct ShopRulesTests {
  static let picture = Media(
    kind: .image, format: .jpg, width: 800, height: 600, size: 100_000, digest: Digest(of: [1]))
  static let video = Media(
    kind: .video, format: .mp4, width: 1080, height: 1920, size: 5_000_000, digest: Digest(of: [2]),
    frames: 300, duration: 10, hasAudio: true, frameRate: 30, videoCodec: "h264", audioCodec: "aac")

  static func rules(_ set: (inout ShopRules) -> Void) -> ShopRules {
    var rules = ShopRules()
    set(&rules)
    return rules
  }

  static let met: [ShopRules] = [
    ShopRules(),
    rules {
      $0.formats = [.jpg]
      $0.minimumWidth = 800
      $0.minimumHeight = 600
      $0.minimumLongSide = 800
      $0.maximumSide = 800
      $0.maximumPixels = 480_000
      $0.maximumSize = ByteSize(bytes: 100_000)
      $0.minimumRatio = 1.33
      $0.maximumRatio = 1.334
      $0.srgb = true
    },
  ]

  @Test(arguments: met) func whatIsMetIsNoFinding(_ rules: ShopRules) {
    #expect(rules.broken(Self.picture, nil).isEmpty)
  }

  static let broken: [(String, ShopRules)] = [
    ("formats", rules { $0.formats = [.png] }), ("minimum_width", rules { $0.minimumWidth = 801 }),
    ("minimum_height", rules { $0.minimumHeight = 601 }),
    ("minimum_long_side", rules { $0.minimumLongSide = 1_000 }),
    ("maximum_side", rules { $0.maximumSide = 799 }),
    ("maximum_pixels", rules { $0.maximumPixels = 479_999 }),
    ("maximum_size", rules { $0.maximumSize = ByteSize(bytes: 99_999) }),
    ("minimum_ratio", rules { $0.minimumRatio = 1.4 }),
    ("maximum_ratio", rules { $0.maximumRatio = 1 }),
    ("digital_source_type", rules { $0.digitalSourceType = true }),
    ("white_background", rules { $0.whiteBackground = true }),
    ("minimum_fill", rules { $0.minimumFill = 0.85 }),
  ]

  @Test(arguments: broken) func whatIsNotMetIsNamed(_ rule: String, _ rules: ShopRules) {
    let measures = PictureMeasures(whiteBorder: 0.4, fill: 0.5, clear: 0)
    #expect(rules.broken(Self.picture, measures).map(\.rule) == [rule])
  }

  static let brokenVideos: [(String, ShopRules)] = [
    ("minimum_duration", rules { $0.minimumDuration = .seconds(11) }),
    ("maximum_duration", rules { $0.maximumDuration = .seconds(9) }),
    ("minimum_frame_rate", rules { $0.minimumFrameRate = 50 }),
    ("maximum_frame_rate", rules { $0.maximumFrameRate = 25 }),
    ("video_codecs", rules { $0.videoCodecs = ["hevc"] }),
    ("audio_codecs", rules { $0.audioCodecs = ["opus"] }),
  ]

  @Test(arguments: brokenVideos) func soItIsWithFilms(_ rule: String, _ rules: ShopRules) {
    #expect(rules.broken(Self.video, nil).map(\.rule) == [rule])
  }
}
