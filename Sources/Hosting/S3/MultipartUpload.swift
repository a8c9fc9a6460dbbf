import Core
import Curl
import Files
import Glibc
import HTTP
import Ledgers
import Processing
import Synchronization

/// What is known of a file that is put in parts; it stands in the run's record while it is under way.
struct MultipartUpload: Sendable, Codable {
  /// The storage's name of the upload; nil from before it is asked for until it is known.
  var id: String?
  /// Bytes of each part but the last.
  var partSize: Int64
  /// The storage's tags of the parts that it has, by number from 1 on.
  var parts: [Int: String] = [:]
}

/// The bounds of files that are put in parts.
///
/// Source: "Amazon S3 multipart upload limits": parts of 5 MiB or more but the last, 10,000 at most.
struct PartLimits: Sendable {
  /// Files of more bytes than this are put in parts.
  var threshold: Int64 = 16 << 20
  /// The least bytes of a part.
  var least: Int64 = 8 << 20
  private let turns = AsyncSemaphore(4)

  /// Bytes of each part of a file of `size` bytes.
  func partSize(of size: Int64) -> Int64 { max(least, (size + 9_999) / 10_000) }

  /// As many parts of all files are under way as memory is set aside for.
  func inTurn<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await turns.withPermit(body)
  }
}

/// Uploads that could not be given up yet, by their keys.
final class OpenUploads: Sendable {
  private let keys = Mutex<Set<String>>([])

  func add(_ key: String) { keys.withLock { _ = $0.insert(key) } }

  /// Which of these are open; they are forgotten here.
  func take(_ wanted: [String]) -> [String] {
    keys.withLock { keys in wanted.filter { keys.remove($0) != nil } }
  }
}

extension S3Host {
  /// Puts a file in parts, several at once, and goes on with what an earlier run has noted. An upload that
  /// fails is given up; one that is cancelled is left for the next run. `fields` are the object's own.
  func putInParts(
    _ file: HostedFile, _ fields: HTTPHeaders, _ placing: PlacedFiles.Placing
  ) async throws {
    var upload = try placing.upload.map {
      try JSONText.decode(MultipartUpload.self, from: $0.utf8)
    }
    do {
      if let begun = upload, begun.id != nil {
        if try await finish(begun, file, placing) { return }
        // The storage does not know it any more: it was completed, or given up by a rule.
        upload = nil
      }
      if upload != nil { try await giveUp(placing.key) }
      var fresh = MultipartUpload(partSize: parts.partSize(of: file.size))
      // Before it is asked for: a kill in between leaves an upload that can be found by its key.
      try await placing.note(try JSONText.line(fresh))
      let response = try await send(
        "POST", placing.key, query: "?uploads=", fields, body: .bytes([]),
        payload: Digest(of: "").hex, to: "take a file in parts")
      guard let id = S3Failure.element("UploadId", of: response.text) else {
        throw SwaplineError(
          .unavailable, "The storage of the host '\(name)' began an upload without a name.",
          hint: "Try again, or make sure that 'endpoint' leads to an S3 storage.")
      }
      fresh.id = id
      try await placing.note(try JSONText.line(fresh))
      guard try await finish(fresh, file, placing) else {
        throw SwaplineError(
          .unavailable, "The storage of the host '\(name)' lost a file that was put in parts.",
          hint: "Try again later.")
      }
    } catch let error as SwaplineError {
      do {
        try await giveUp(placing.key)
        try await placing.note(nil)
      } catch {
        uploads.add(placing.key)
      }
      throw error
    }
  }

  /// Puts the parts that are missing and completes the upload; false when the storage does not know it.
  private func finish(
    _ begun: MultipartUpload, _ file: HostedFile, _ placing: PlacedFiles.Placing
  ) async throws -> Bool {
    var upload = begun
    let id = begun.id ?? ""
    let size = begun.partSize
    let count = Int((file.size + size - 1) / size)
    var missing = (1...count).filter { upload.parts[$0] == nil }.makeIterator()
    let isKnown = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
      func begin() {
        guard let number = missing.next() else { return }
        group.addTask {
          let start = Int64(number - 1) * size
          return (
            number,
            try await put(
              number, start..<min(file.size, start + size), of: file, id, placing.key)
          )
        }
      }
      for _ in 0..<4 { begin() }
      // Noted by one task, so that an older state never follows a newer one.
      while let (number, tag) = try await group.next() {
        guard let tag else {
          group.cancelAll()
          return false
        }
        upload.parts[number] = tag
        try await placing.note(try JSONText.line(upload))
        begin()
      }
      return true
    }
    guard isKnown else { return try await isThere(file, placing.key) }
    let list = upload.parts.sorted { $0.key < $1.key }.map { number, tag in
      "<Part><PartNumber>\(number)</PartNumber><ETag>\(tag.escapedForXML)</ETag></Part>"
    }
    let body = Array(
      "<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>".utf8)
    let response = try await send(
      "POST", placing.key, query: "?uploadId=\(PercentCoding.encode(id))",
      ["Content-Type": "application/xml"], body: .bytes(body), payload: Digest(of: body).hex,
      to: "complete a file", passing: ["NoSuchUpload", "InvalidPart"])
    // The answer begins before the storage knows whether it succeeds.
    if response.isSuccess, S3Failure.element("Code", of: response.text) == nil { return true }
    return try await isThere(file, placing.key)
  }

  /// Puts one part and gives its tag; nil when the storage does not know the upload.
  private func put(
    _ number: Int, _ range: Range<Int64>, of file: HostedFile, _ id: String, _ key: String
  ) async throws -> String? {
    try await parts.inTurn {
      let bytes = try await ThreadPool.disk.run { _ in try file.bytes(range) }
      let response = try await send(
        "PUT", key, query: "?partNumber=\(number)&uploadId=\(PercentCoding.encode(id))", [:],
        body: .bytes(bytes), payload: Digest(of: bytes).hex, to: "take a part of a file",
        passing: ["NoSuchUpload"])
      guard response.isSuccess else { return nil }
      guard let tag = response.headers["ETag"] else {
        throw SwaplineError(
          .unavailable, "The storage of the host '\(name)' gave no tag for a part.",
          hint: "Make sure that 'endpoint' leads to an S3 storage.")
      }
      return tag
    }
  }

  /// Whether the whole file is there: an answer that was lost may have been a good one.
  private func isThere(_ file: HostedFile, _ key: String) async throws -> Bool {
    let response = try await send(
      "HEAD", key, [:], body: .none, payload: Digest(of: "").hex, to: "tell of a file",
      passingStatus: 404)
    return response.isSuccess && response.headers.contentLength == file.size
  }

  /// Gives up every upload of the object called `key`: what was put of it costs until then.
  func giveUp(_ key: String) async throws {
    let listed = try await send(
      "GET", "", query: "?prefix=\(PercentCoding.encode(key))&uploads=", [:], body: .none,
      payload: Digest(of: "").hex, to: "list uploads")
    for part in listed.text.split(separator: "<Upload>").dropFirst() {
      let text = String(part)
      guard S3Failure.element("Key", of: text)?.unescapedFromXML == key,
        let id = S3Failure.element("UploadId", of: text)
      else { continue }
      _ = try await send(
        "DELETE", key, query: "?uploadId=\(PercentCoding.encode(id))", [:], body: .none,
        payload: Digest(of: "").hex, to: "give up a file", passing: ["NoSuchUpload"])
    }
  }

  package func abandon(_ entry: HostingRecord.Entry) async throws {
    try await giveUp(entry.key)
    // It may have been completed in the last moment.
    if let problem = await remove([entry.key]).values.first { throw problem }
  }
}

extension HostedFile {
  /// The bytes of a part. Throws `SwaplineError` when they are not there.
  fileprivate func bytes(_ range: Range<Int64>) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    let count = Int(range.upperBound - range.lowerBound)
    var filled = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while descriptor >= 0, filled < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
          Int(range.lowerBound) + filled)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else { break }
        filled += got
      }
      initialized = filled
    }
    guard bytes.count == count else {
      try checkIsThere()
      throw SwaplineError(.damaged, "The file to host, \(path), became shorter.")
    }
    return bytes
  }
}
