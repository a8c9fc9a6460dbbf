import Core
import Curl
import Foundation
import Serving
import Testing

@testable import Serving

/// An Idempotency-Key that comes again: the first task for the same request, never for another one.
@Suite struct IdempotencyTests {
  enum Vendor: String, CaseIterable, Sendable { case crun, apiinone, acedata }

  struct Answer {
    var status: Int
    var task: String?
    var isReplay: Bool
    var text: String
  }

  private func submit(
    _ bench: Bench, _ vendor: Vendor, scene: String, face: String, callback: String? = nil,
    key: String = "one"
  ) async throws -> Answer {
    let path: String
    var body: JSONValue
    switch vendor {
    case .crun:
      path = "/api/v1/client/job/CreateTask"
      body = [
        "model": "image-face-swap",
        "input": ["image_url": .string(scene), "new_face": .string(face)],
      ]
    case .apiinone:
      path = APIInOneFacadeTests.swapPath
      body = ["model": "face-swap", "image": .string(scene), "face_image": .string(face)]
    case .acedata:
      path = "/face/swap"
      body = [
        "source_image_url": .string(face), "target_image_url": .string(scene), "async": true,
      ]
    }
    if let callback, case .object(var parts) = body {
      parts["callback_url"] = .string(callback)
      body = .object(parts)
    }
    let response = try await bench.http.send(
      HTTPRequest(
        "POST", bench.server.origin + path,
        headers: [
          "x-api-key": Bench.key, "Authorization": "Bearer \(Bench.key)", "Idempotency-Key": key,
        ], body: .bytes(try JSONText.bytes(body)), addressPolicy: .any))
    let json = try JSONValue(parsing: response.body)
    return Answer(
      status: response.status,
      task: json["task_id"]?.string ?? json["data"]?["task_id"]?.string,
      isReplay: response.headers["Idempotency-Replayed"] == "true", text: response.text)
  }

  @Test(arguments: Vendor.allCases)
  func anotherPictureIsRefused(_ vendor: Vendor) async throws {
    let bench = try await Bench()
    let (scene, face) = (bench.outside.url("scene.png"), bench.outside.url("face.png"))
    let first = try await submit(bench, vendor, scene: scene, face: face)
    #expect(first.status == 200 && !first.isReplay, "\(first.text)")
    let again = try await submit(bench, vendor, scene: scene, face: face)
    #expect(again.status == 200 && again.isReplay && again.task == first.task, "\(again.text)")
    let signed = try await submit(
      bench, vendor, scene: scene + "?expires=1&signature=a", face: face)
    #expect(signed.isReplay && signed.task == first.task, "\(signed.text)")
    for (other, otherFace) in [
      (bench.outside.url("huge.png"), face), (scene, bench.outside.url("scene.png")),
      (face, scene), (scene + "?id=2", face),
    ] {
      let refused = try await submit(bench, vendor, scene: other, face: otherFace)
      #expect(refused.status == 422 && refused.task == nil, "\(refused.text)")
      #expect(refused.text.contains("Idempotency-Key"))
    }
    let new = try await submit(bench, vendor, scene: face, face: scene, key: "two")
    #expect(new.status == 200 && new.task != first.task)
  }

  @Test(arguments: Vendor.allCases)
  func uploadsAreKnownByTheirContent(_ vendor: Vendor) async throws {
    let bench = try await Bench()
    let files = FileTests()
    func uploaded(_ bytes: [UInt8]) async throws -> String {
      let (put, get) = try await files.upload(bench)
      #expect(try await files.put(bench, put, bytes) == 200)
      return get
    }
    let face = try await uploaded(picture(64, 64))
    let first = try await submit(
      bench, vendor, scene: try await uploaded(picture(640, 480)), face: face)
    #expect(first.status == 200, "\(first.text)")
    let again = try await submit(
      bench, vendor, scene: try await uploaded(picture(640, 480)), face: face)
    #expect(again.isReplay && again.task == first.task, "\(again.text)")
    let other = try await submit(
      bench, vendor, scene: try await uploaded(picture(640, 481)), face: face)
    #expect(other.status == 422, "\(other.text)")
  }

  @Test(arguments: [Vendor.crun, .acedata])
  func aCallbackElsewhereIsTheSameRequest(_ vendor: Vendor) async throws {
    let bench = try await Bench()
    let (scene, face) = (bench.outside.url("scene.png"), bench.outside.url("face.png"))
    let first = try await submit(
      bench, vendor, scene: scene, face: face, callback: bench.outside.url("done"))
    let again = try await submit(
      bench, vendor, scene: scene, face: face, callback: bench.outside.url("gone"))
    #expect(again.isReplay && again.task == first.task)
  }

  private static let digest = String(repeating: "0a", count: 32)

  @Test(arguments: [
    ("http://a/x.jpg", "http://a:80/x.jpg#top"), ("http://A/x.jpg", "http://a/x.jpg"),
    (
      "https://b.s3.amazonaws.com/x.jpg?X-Amz-Date=1&X-Amz-Signature=a&X-Amz-Credential=c",
      "https://b.s3.amazonaws.com/x.jpg?x-amz-signature=b&X-Amz-Expires=9"
    ),
    (
      "https://storage.googleapis.com/b/x?X-Goog-Signature=a&X-Goog-Date=1",
      "https://storage.googleapis.com/b/x?X-Goog-Signature=b"
    ),
    ("http://a/x?Expires=1&Signature=a&Key-Pair-Id=k", "http://a/x?Signature=b&Expires=2"),
    ("http://a/x?sv=1&sig=a&se=2&id=7", "http://a/x?id=7&sig=b&se=3"),
    ("http://a/x?signed=1&url_expiry=7", "http://a/x?signed=2"),
    ("http://a/x?b=2&a=1", "http://a/x?a=1&b=2"),
    ("http://127.0.0.1:1/files/\(digest).jpg?expires=1", "https://c/d/\(digest).jpg"),
  ])
  func theSameMeaning(_ one: String, _ other: String) {
    #expect(OrderMeaning.address(one) == OrderMeaning.address(other))
  }

  @Test(arguments: [
    ("http://a/x.jpg", "http://a/y.jpg"), ("http://a/x.jpg", "http://b/x.jpg"),
    ("http://a/x.jpg", "https://a/x.jpg"), ("http://a/x?id=1", "http://a/x?id=2"),
    ("http://a/x?token=1", "http://a/x?token=2"), ("http://a/x?design=1", "http://a/x?design=2"),
    ("http://a/x?sig=a&id=1", "http://a/x?sig=a&id=2"), ("http://a/X.jpg", "http://a/x.jpg"),
    ("http://a/x?X-Amz-Date=1", "http://a/x?X-Amz-Date=2"),
    ("http://a/\(digest).jpg", "http://a/\(digest.dropLast())b.jpg"),
  ])
  func anotherMeaning(_ one: String, _ other: String) {
    #expect(OrderMeaning.address(one) != OrderMeaning.address(other))
  }
}
