import Core
import Ledgers
import Pipelines
import Stages
import Testing

@Suite struct PlanTests {
  static let fileText = """
    version: 1
    name: catalog
    providers:
      crun: { at: embedded }
    stages:
      - fetch: { maximum_size: 50MB }
      - validate: { minimum_side: 64 }
      - normalize: { for: swap }
      - host: { to: embedded }
      - swap: { provider: crun }
      - thumbnails: { sides: [1024, 512, 256, 128], format: webp }
      - convert: { to: [png, jpg, webp] }
      - metadata
    """

  static var composition: Pipeline {
    let provider = ProviderReference.crun(at: .embedded)
    return Pipeline("catalog") {
      Fetch(maximumSize: .megabytes(50))
      Validate(minimumSide: 64)
      Normalize(for: provider)
      Host(to: .embedded)
      Swap(with: provider)
      Thumbnails(sides: [1024, 512, 256, 128], format: .webp)
      Convert(to: [.png, .jpg, .webp])
      Metadata()
    }
  }

  @Test func bothSourcesGiveTheSameBytes() throws {
    let file = read(Self.fileText)
    let pipeline = try #require(file.pipeline, "\(file.findings)")
    #expect(try Plan(pipeline).text == Plan(Self.composition).text)
  }

  @Test func aBudgetSurvivesTheRoundTrip() throws {
    let text = Self.fileText.replacing(
      "stages:", with: "budget: { run: 2.5, day: 10, month: 100 }\nstages:")
    let pipeline = try #require(read(text).pipeline)
    #expect(pipeline.budget == Budget(run: 2.5, day: 10, month: 100))
    let again = read(PipelineText.yaml(pipeline, vocabulary: vocabulary))
    #expect(again.pipeline?.budget == pipeline.budget, "\(again.findings)")
  }

  @Test func hostsOfTheUsersAreTheSameInAFileAndInSwift() throws {
    let text = """
      version: 1
      name: hosts
      hosts:
        photos: { store: { bucket: b, style: path } }
        here: embedded
      stages:
        - fetch
        - host: { to: [photos, here, upload], lifetime: 2h }
      """
    let composition = Pipeline("hosts") {
      Fetch()
      Host(
        to: HostReference("photos", kind: "store", ["bucket": "b", "style": "path"]),
        HostReference("here", kind: "embedded", [:]), .upload, lifetime: .hours(2))
    }
    let pipeline = try #require(read(text).pipeline, "\(read(text).findings)")
    #expect(try Plan(pipeline).text == Plan(composition).text)
    #expect(pipeline.usedHosts == ["photos", "here", "upload"])
    #expect(pipeline.route(ofHost: "here") == HostRoute("embedded"))
    #expect(pipeline.route(ofHost: "upload") == HostRoute("upload"))
    let again = read(PipelineText.yaml(composition, vocabulary: vocabulary))
    #expect(again.pipeline.map { Plan($0) } == Plan(composition), "\(again.findings)")
    let plan = try JSONText.decode(Plan.self, from: Array(Plan(composition).text.utf8))
    #expect(plan.hosts?["photos"] == HostRoute("store", ["bucket": "b", "style": "path"]))
    let (changed, _) = pipeline.setting([])
    #expect(changed.hosts == pipeline.hosts)
    // A kind at its defaults is the same plan, written down or not.
    let plain = read(
      "version: 1\nhosts: { upload: upload }\nstages: [fetch, { host: { to: upload } }]")
    let bare = read("version: 1\nstages: [fetch, { host: { to: upload } }]")
    #expect(try plain.pipeline.map { try Plan($0).text } == bare.pipeline.map { try Plan($0).text })
    #expect(try bare.pipeline.map { try Plan($0).text }?.contains("hosts") == false)
  }

  @Test func aPipelineWrittenDownReadsBackToTheSamePlan() throws {
    let text = PipelineText.yaml(Self.composition, vocabulary: vocabulary)
    let file = read(text)
    let pipeline = try #require(file.pipeline, "\(text)\n\(file.findings)")
    #expect(Plan(pipeline) == Plan(Self.composition))
  }

  @Test func everyParameterSurvivesTheRoundTrip() throws {
    let text = """
      version: 1
      name: all
      stages:
        - fetch: { maximum_size: 3MiB, timeout: 90s, redirects: 0, retries: 7, addresses: any }
        - validate: { minimum_side: 2, maximum_side: 9, maximum_pixels: 81, maximum_size: 1kB, maximum_aspect: 1.5, formats: [png, jpg], minimum_faces: 0, maximum_faces: 2, face_required: true, complete: false }
        - normalize: { for: crun, formats: [png], maximum_size: 1MB, maximum_side: 7, minimum_side: 3, maximum_pixels: 49, maximum_aspect: 2.5, maximum_frames: 5, maximum_frame_rate: 12.5, maximum_duration: 3s, constant_frame_rate: true, video_codecs: [h264], audio_codecs: [aac], even_sides: true, fast_start: true, trim: true, metadata: keep, alpha: false, bit_depth: 16, srgb: false, upright: false, background: '#102030' }
        - host: { to: upload, lifetime: 2h }
        - swap: { provider: crun, face_index: 3, timeout: 1m, bridge: [frames], faceless_frames: keep, accept_unchanged: true, accept_changed: true }
        - label: { copyright: '© Shop', creator: Ada, digital_source_type: composite, keep: false }
        - sharpen: { sigma: 1.5, amount: 2.5 }
        - thumbnails: { sides: [7], format: jpg, fit: cover, quality: 3, enlarge: true, background: '#010203', frames: all }
        - convert: { to: [webp], quality: 9, background: '#ffeedd', frames: all }
        - resize: { name: shop, width: 8, height: 6, fit: cover, format: png, quality: 5, maximum_size: 1MB, enlarge: true, background: '#030201' }
        - posters: { at: [1s, 2500ms], exact: false, best_of: 3, format: png, side: 9, quality: 4 }
        - previews: { sides: [5], format: gif, quality: 6 }
        - contact_sheet: { frames: 3, columns: 2, side: 99, format: png, quality: 8 }
        - inspect: { file: shop, formats: [png], minimum_width: 1, minimum_height: 2, minimum_long_side: 3, maximum_side: 4, maximum_pixels: 5, maximum_size: 6kB, minimum_ratio: 0.5, maximum_ratio: 2, white_background: true, minimum_fill: 0.5, srgb: true, digital_source_type: true, minimum_duration: 1s, maximum_duration: 2s, minimum_frame_rate: 3, maximum_frame_rate: 60, video_codecs: [hevc], audio_codecs: [opus], reject: true }
        - metadata
      """
    let first = try #require(read(text).pipeline, "\(read(text).findings)")
    for type in StageList.all {
      let stage = try #require(
        first.stages.first { $0.name == type.name },
        "\(type.name) is not tried: add it to the text above, with every parameter")
      for parameter in type.parameters {
        #expect(
          stage.parameters[parameter.name] != parameter.fallback,
          "\(type.name).\(parameter.name) is at its default, so its reading is not tried")
      }
    }
    let written = PipelineText.yaml(first, vocabulary: vocabulary)
    let second = try #require(read(written).pipeline, "\(written)\n\(read(written).findings)")
    #expect(Plan(first) == Plan(second))
  }

  @Test(arguments: [
    ("thumbnails.format", "png", true), ("thumbnails.format", "xyz", false),
    ("thumbnails.colour", "red", false), ("upscale.factor", "2", false), ("fetch", "2", false),
    ("swap.face_index", "2", true),
  ])
  func settingsReachTheirStages(key: String, value: String, isGood: Bool) throws {
    let node = try #require(try SourceNode(parsing: value, file: "--set"))
    let (changed, findings) = Self.composition.setting([(key, node)])
    #expect(findings.isEmpty == isGood, "\(findings)")
    #expect((Plan(changed) != Plan(Self.composition)) == isGood)
  }

  @Test func theSchemaNamesEveryStageAndParameter() throws {
    let schema = PipelineSchema.document(vocabulary)
    let text = try JSONText.line(schema)
    for stage in StageList.all {
      #expect(text.contains("\"const\":\"\(stage.name)\""))
      for parameter in stage.parameters { #expect(text.contains("\"\(parameter.name)\":")) }
    }
  }
}
