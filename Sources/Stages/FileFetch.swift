import Core
import Curl
import FoundationEssentials
import Glibc
import Hosting
import Pipelines
import Processing

/// Brings one file into the run's folder.
struct FileFetch: Sendable {
  let stage: Fetch
  let context: StageContext

  /// The measured file behind a path, a URL or `-`.
  func media(_ reference: String) async throws -> Media {
    guard !reference.isEmpty else {
      throw SwaplineError(.usage, "The name of a file is empty.", hint: "Name a path or a URL.")
    }
    return try await measured(as: reference) { temporary in
      if reference == "-" {
        try await readStandardInput(to: temporary)
      } else if let path = LocalReference.path(reference) {
        if let url = try await localAddress(path) {
          try await download(url, to: temporary, policy: .publicAndLoopback)
        } else {
          try await copy(path, to: temporary)
        }
      } else {
        try await download(reference, to: temporary, policy: stage.addresses.policy)
      }
    }
  }

  /// The measured file behind an address that a stranger named, such as a provider's result: never
  /// a file of this machine.
  func media(strangersAddress url: String) async throws -> Media {
    try await measured(as: url) {
      try await download(url, to: $0, policy: stage.addresses.policy)
    }
  }

  private func measured(
    as reference: String, _ bring: (_ temporary: String) async throws -> Void
  ) async throws -> Media {
    let temporary = context.folder.temporaryFile("fetch")
    defer { FileSystem.remove(temporary) }
    try await bring(temporary)
    let media: Media
    do {
      media = try await context.media.probe(
        ProbeRequest(file: temporary, limits: DecodingGuard(maximumSize: stage.maximumSize)))
    } catch let error as SwaplineError {
      throw error.naming(temporary, reference == "-" ? "Standard input" : reference.shownAddress)
    }
    try context.folder.keep(temporary, as: media)
    return media
  }

  private func copy(_ path: String, to temporary: String) async throws {
    let absolute = FileSystem.absolute(path)
    var status = stat()
    guard stat(absolute, &status) == 0 else { throw FileSystem.failure("read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SwaplineError(
        .usage, "\(path) is \(status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a file").",
        hint: "Name one picture, GIF or video.")
    }
    try checkSize(Int64(status.st_size), of: path)
    try await Lane.disk.run { _ in try FileSystem.copy(absolute, to: temporary) }
  }

  private func readStandardInput(to temporary: String) async throws {
    let limit = stage.maximumSize.bytes
    let input = context.resources[StandardInputKey.self] ?? STDIN_FILENO
    try await Lane.disk.run { cancellation in
      let output = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      guard output >= 0 else { throw FileSystem.failure("write", temporary) }
      defer { close(output) }
      var total: Int64 = 0
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        try cancellation.check()
        var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        // Short waits, so that a stop is heard while nobody types.
        if poll(&ready, 1, 100) == 0 { continue }
        let count = read(input, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw FileSystem.failure("read", "standard input") }
        if count == 0 { break }
        total += Int64(count)
        guard total <= limit else {
          throw SwaplineError(
            .limit, "Standard input gives more than \(ByteSize(bytes: limit)).",
            hint: "Raise 'maximum_size' of 'fetch'.")
        }
        try FileSystem.writeAll(chunk[..<count], to: output, path: temporary)
      }
    }
  }

  // The address of a local file, in a run whose local files are to come over HTTP; what is no media
  // file is left to the copy, which says so.
  private func localAddress(_ path: String) async throws -> String? {
    guard let host = context.resources[LocalFilesKey.self],
      let stamp = FileSystem.stamp(of: path), stamp.size <= stage.maximumSize.bytes
    else { return nil }
    let absolute = FileSystem.absolute(path)
    let head = try FileSystem.head(of: absolute, count: MediaFormat.signatureLength)
    guard let format = MediaFormat.sniff(head) else { return nil }
    let digest = try await Lane.disk.run { _ in try FileSystem.digest(of: absolute) }
    return try await host.publish(
      HostedFile(path: absolute, format: format, size: stamp.size, digest: digest)
    ).url
  }

  private func download(
    _ url: String, to temporary: String, policy: AddressPolicy
  ) async throws {
    let client = try context.resources.require(HTTPClientKey.self)
    let resumable = "\(context.folder.partial)/\(Digest(of: url).hex)"
    let claim = PartialClaim(resumable)
    let name = claim == nil ? context.folder.temporaryFile("download") : resumable
    defer {
      withExtendedLifetime(claim) {}
      if claim == nil { for end in ["", ".json"] { FileSystem.remove(name + end) } }
    }
    let request = HTTPRequest(
      "GET", url, timeout: stage.timeout.duration, maximumRedirects: stage.redirects,
      maximumBytes: stage.maximumSize.bytes, addressPolicy: policy)
    var partial = Self.savedPartial(name)
    for attempt in 0... {
      do {
        let meter = ProgressMeter(context)
        let download = try await client.download(
          request, to: name, resuming: partial, progress: { meter.note($0) })
        guard !download.response.isSuccess else { break }
        let error = Self.failure(status: download.response.status, url: url)
        guard Self.isPassing(download.response.status), attempt < stage.retries else { throw error }
      } catch let error as CurlError {
        partial = error.partial
        savePartial(partial, name)
        guard error.isTransient, attempt < stage.retries else {
          throw SwaplineError(error, url: url)
        }
        context.progress("\(error.detail); trying again")
      }
      try await Task.sleep(for: .milliseconds(min(8_000, 250 << attempt)))
    }
    FileSystem.remove(name + ".json")
    try FileSystem.move(name, to: temporary)
  }

  private func checkSize(_ bytes: Int64, of path: String) throws(SwaplineError) {
    guard bytes <= stage.maximumSize.bytes else {
      throw SwaplineError(
        .limit,
        "\(path) has \(ByteSize(bytes: bytes).rounded), and at most \(stage.maximumSize) are taken.",
        hint: "Raise 'maximum_size' of 'fetch' if the file is meant to be that large.")
    }
  }

  private static func savedPartial(_ name: String) -> PartialDownload? {
    guard let bytes = try? FileSystem.read(name + ".json") else { return nil }
    return try? JSONText.decode(PartialDownload.self, from: bytes)
  }

  // Losing this costs bytes only: the next run starts the download over.
  private func savePartial(_ partial: PartialDownload?, _ name: String) {
    if let partial, partial.received > 0, let bytes = try? JSONText.bytes(partial) {
      try? FileSystem.write(bytes, to: name + ".json")
    } else {
      FileSystem.remove(name + ".json")
    }
  }

  private static func isPassing(_ status: Int) -> Bool {
    status == 408 || status == 425 || status == 429 || status >= 500
  }

  private static func failure(status: Int, url: String) -> SwaplineError {
    let shown = url.shownAddress
    return switch status {
    case 404, 410:
      SwaplineError(
        .notFound, "\(shown) is not there: HTTP status \(status).", hint: "Check the address.")
    case 401, 403:
      SwaplineError(
        .network, "\(shown) may not be read: HTTP status \(status).",
        hint: "Name an address that anyone can read; a signed one may have expired.")
    case 300..<400:
      SwaplineError(
        .network, "\(shown) redirects, and redirects are not followed here (status \(status)).",
        hint: "Raise 'redirects' of 'fetch'.")
    default:
      SwaplineError(
        .network, "\(shown) was not given: HTTP status \(status).", hint: "Try again later.")
    }
  }
}

extension Fetch.Addresses {
  var policy: AddressPolicy {
    switch self {
    case .public: .publicOnly
    case .loopback: .publicAndLoopback
    case .any: .any
    }
  }
}

/// Tells of a long transfer once a second, and of a short one never.
private final class ProgressMeter: Sendable {
  private let context: StageContext
  private let last: LockedInstant

  init(_ context: StageContext) {
    self.context = context
    last = LockedInstant()
  }

  func note(_ partial: PartialDownload) {
    guard last.advance(by: .seconds(1)) else { return }
    let received = ByteSize(bytes: partial.received).rounded
    let total = partial.total.map { " of \(ByteSize(bytes: $0).rounded)" } ?? ""
    context.progress("\(received)\(total)")
  }
}
