import Core
import Curl
import Files
import FoundationEssentials
import Glibc
import Hosting
import Pipelines
import Processing

/// Brings one file into the run's folder.
struct FileFetch: Sendable {
  let stage: Fetch
  let context: StageContext
  /// How long an address may answer that there is nothing yet, as storage does that has just been
  /// written to.
  var patience = TimeSpan(milliseconds: 0)

  /// The measured file behind a path, a URL or `-`.
  func media(_ reference: String) async throws -> Media {
    guard !reference.isEmpty else {
      throw SwaplineError(.usage, "The name of a file is empty.", hint: "Name a path or a URL.")
    }
    if let path = LocalReference.path(reference), context.resources[LocalFilesKey.self] == nil,
      let media = try await borrowed(path, as: reference)
    {
      return media
    }
    return try await measured(as: reference) { temporary in
      if reference.hasPrefix("s3://") { return try await downloadObject(reference, to: temporary) }
      guard let path = LocalReference.path(reference) else {
        if reference != "-" {
          return try await download(reference, to: temporary, policy: stage.addresses.policy)
        }
        try await readStandardInput(to: temporary)
        return nil
      }
      if let url = try await localAddress(path) {
        return try await download(url, to: temporary, policy: .publicAndLoopback)
      }
      try await copy(path, to: temporary)
      return nil
    }
  }

  /// The measured file behind an address that a stranger named, such as a provider's result: never
  /// a file of this machine.
  func media(strangersAddress url: String) async throws -> Media {
    try await measured(as: url) {
      try await download(url, to: $0, policy: stage.addresses.policy)
    }
  }

  /// `bring` gives the error that holds unless the file turns out to be whole.
  private func measured(
    as reference: String, _ bring: (_ temporary: String) async throws -> SwaplineError?
  ) async throws -> Media {
    let temporary = context.folder.temporaryFile("fetch")
    defer { FileSystem.remove(temporary) }
    let doubt = try await bring(temporary)
    var media: Media
    do {
      media = try await context.media.probe(
        ProbeRequest(
          file: temporary, limits: DecodingGuard(maximumSize: stage.maximumSize),
          decodesFully: doubt != nil))
    } catch let error as SwaplineError {
      if let doubt { throw doubt }
      throw error.naming(temporary, reference == "-" ? "Standard input" : reference.shownAddress)
    }
    if doubt != nil {
      media.remarks =
        (media.remarks ?? []) + ["the server announced more bytes than it has; the file is whole"]
    }
    try context.folder.keep(temporary, as: media)
    return media
  }

  private func copy(_ path: String, to temporary: String) async throws {
    let absolute = FileSystem.absolute(path)
    try await ThreadPool.disk.run { _ in
      try check(absolute, called: path)
      try FileSystem.copy(absolute, to: temporary)
    }
  }

  private func check(_ absolute: String, called path: String) throws(SwaplineError) {
    var status = stat()
    guard stat(absolute, &status) == 0 else { throw FileSystem.failure("read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SwaplineError(
        .usage, "\(path) is \(status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a file").",
        hint: "Name one picture, GIF or video.")
    }
    try checkSize(Int64(status.st_size), of: path)
    guard access(absolute, R_OK) == 0 else { throw FileSystem.failure("read", path) }
  }

  /// What is about to be read of a file of this machine.
  private struct Found: Sendable {
    var path: String
    var version: FileVersion
    var time: Int64
    /// The digest before reading, where a change during it might leave no trace.
    var digest: Digest?

    /// Throws where it is no longer what was found at `path`; `now` is the digest of what was read.
    func checkUnchanged(_ path: String, _ now: Digest? = nil) throws(SwaplineError) {
      let isSame = FileVersion(of: self.path)?.isSame(as: version) == true
      guard isSame, digest == nil || now == nil || digest == now else {
        throw RunFolder.changed(input: path)
      }
    }
  }

  /// The measured file at a path of this machine, which is used where it lies; nil for one that other
  /// processes would not find there.
  private func borrowed(_ path: String, as reference: String) async throws -> Media? {
    let found: Found? = try await ThreadPool.disk.run { _ in
      let absolute = FileSystem.absolute(path)
      try check(absolute, called: path)
      let time = FileSystem.now
      guard let real = FileSystem.realPath(absolute), !real.hasPrefix("/proc/"),
        let version = FileVersion(of: real), !version.isLinked
      else { return nil }
      let digest = version.isSettled(at: time) ? nil : try FileSystem.digest(of: real)
      return Found(path: real, version: version, time: time, digest: digest)
    }
    guard let found else { return nil }
    // Looked at under a name that no sentence contains by chance.
    let temporary = context.folder.temporaryFile("fetch")
    guard symlink(found.path, temporary) == 0 else { throw FileSystem.failure("write", temporary) }
    defer { FileSystem.remove(temporary) }
    let media: Media
    do {
      media = try await context.media.probe(
        ProbeRequest(file: temporary, limits: DecodingGuard(maximumSize: stage.maximumSize)))
    } catch let error as SwaplineError {
      try found.checkUnchanged(path)
      throw error.naming(temporary, reference.shownAddress)
    }
    try await ThreadPool.disk.run { _ in
      try found.checkUnchanged(path, media.digest)
      try context.folder.borrow(found.path, in: found.version, since: found.time, as: media)
    }
    return media
  }

  private func readStandardInput(to temporary: String) async throws {
    let limit = stage.maximumSize.bytes
    let input = context.resources[StandardInputKey.self] ?? STDIN_FILENO
    try await ThreadPool.disk.run { cancellation in
      let output = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, PrivateFiles.file)
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
            .limit, "Standard input holds more than \(ByteSize(bytes: limit)).",
            hint: "Raise 'maximum_size' of 'fetch' if the file is meant to be that large.")
        }
        try FileSystem.writeAll(chunk[..<count], to: output, path: temporary)
      }
    }
  }

  // The address of a local file, in a run whose local files are to come over HTTP; what is no media
  // file is left to the copy, which says so.
  private func localAddress(_ path: String) async throws -> String? {
    guard let host = context.resources[LocalFilesKey.self] else { return nil }
    let most = stage.maximumSize.bytes
    let found: HostedFile? = try await ThreadPool.disk.run { _ in
      guard let stamp = FileSystem.stamp(of: path), stamp.size <= most else { return nil }
      let absolute = FileSystem.absolute(path)
      let head = try FileSystem.head(of: absolute, count: MediaFormat.signatureLength)
      guard let format = MediaFormat.sniff(head) else { return nil }
      return HostedFile(
        path: absolute, format: format, size: stamp.size,
        digest: try FileSystem.digest(of: absolute))
    }
    guard let found else { return nil }
    return try await host.publish(found).url
  }

  private func checkSize(_ bytes: Int64, of path: String) throws(SwaplineError) {
    guard bytes <= stage.maximumSize.bytes else {
      throw SwaplineError(
        .limit,
        "\(path) is \(ByteSize(bytes: bytes).rounded); the limit is \(stage.maximumSize).",
        hint: "Raise 'maximum_size' of 'fetch' if the file is meant to be that large.")
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
