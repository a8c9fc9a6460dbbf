import Core
import Curl
import Files
import FoundationEssentials
import Pipelines

extension FileFetch {
  /// Brings what is at an address, going on where an earlier try or run was broken off.
  ///
  /// Gives an error that holds unless the file turns out to be whole: for a server that ends at the
  /// same byte every time, short of the length that it announces.
  /// `name` is what the file is called when it is taken up again; the address where none is given.
  func download(
    _ url: String, named name: String? = nil, to temporary: String, policy: AddressPolicy
  ) async throws -> SwaplineError? {
    let client = try context.resources.require(HTTPClientKey.self)
    let resumable = "\(context.folder.partial)/\(Digest(of: name ?? url).hex)"
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
    var turns = Turn(fetch: self)
    var doubt: SwaplineError?
    transfer: while true {
      let meter = ProgressMeter(context)
      let pause: Duration
      do {
        let download = try await client.download(
          request, to: name, resuming: partial, progress: { meter.note($0) })
        if download.isWhole { break transfer }
        partial = download.partial
        await savePartial(partial, name)
        pause = try turns.pause(after: download, of: url)
      } catch let error as CurlError {
        let last = partial?.received
        partial = error.partial
        await savePartial(error.isWorthKeeping ? partial : nil, name)
        do {
          pause = try turns.pause(after: error, of: url)
        } catch let end {
          // Asked for all of it, and ended where it ended before: more will not come.
          guard error.kind == .cutOff, let last, last > 0, meter.latest?.received == last,
            partial?.received == last, partial?.isDoubted != true
          else { throw end }
          doubt = end as? SwaplineError
          break transfer
        }
      } catch {
        // Stopped: the next run goes on from here.
        if let latest = meter.latest { await savePartial(latest, name) }
        throw error
      }
      if patience > TimeSpan(milliseconds: 0) {
        try await Task.pause(for: pause)
      } else {
        // Nothing was paid for it: a run that is to stop does not wait.
        try await context.control.untilDraining { try await Task.pause(for: pause) }
      }
    }
    FileSystem.remove(name + ".json")
    try FileSystem.move(name, to: temporary)
    return doubt
  }

  private static func savedPartial(_ name: String) -> PartialDownload? {
    guard let bytes = try? FileSystem.read(name + ".json") else { return nil }
    return try? JSONText.decode(PartialDownload.self, from: bytes)
  }

  // Losing this costs bytes only: the next run starts the download over.
  private func savePartial(_ partial: PartialDownload?, _ name: String) async {
    // Not a child task: it is written down also when the download was stopped.
    await Task {
      _ = try? await ThreadPool.disk.run { _ in
        if let partial, partial.received > 0, let bytes = try? JSONText.bytes(partial) {
          try FileSystem.write(bytes, to: name + ".json")
        } else {
          FileSystem.remove(name + ".json")
        }
      }
    }.value
  }

  func failure(_ response: HTTPResponse, _ url: String) -> SwaplineError {
    let shown = url.shownAddress
    let status = response.status
    return switch status {
    case 404, 410:
      SwaplineError(
        .notFound, "\(shown) is not there: HTTP status \(status).", hint: "Check the address.")
    case 401, 403:
      SwaplineError(
        .network, "\(shown) may not be read: HTTP status \(status).",
        hint: "Name an address that anyone can read; a signed one may have expired.")
    case _ where response.isRedirect && response.headers["Location"]?.isEmpty != false:
      SwaplineError(
        .network,
        "\(shown) redirects, but the server does not say where to: HTTP status \(status) without a "
          + "Location.",
        hint: "Open the address in a browser, and give the one that the file itself has.")
    case _ where response.isRedirect && stage.redirects > 0:
      SwaplineError(
        .network, "\(shown) redirects to an address that cannot be read (status \(status)).",
        hint: "Open the address in a browser, and give the one that the file itself has.")
    case _ where response.isRedirect:
      SwaplineError(
        .network, "\(shown) redirects, and redirects are not followed here (status \(status)).",
        hint: "Raise 'redirects' of 'fetch'.")
    case 202, 204, 205:
      SwaplineError(
        .network, "\(shown) gives no file yet: HTTP status \(status).", hint: "Try again later.")
    default:
      SwaplineError(
        .network, "\(shown) was not given: HTTP status \(status).", hint: "Try again later.")
    }
  }
}

extension CurlError {
  /// Whether what the try left in its file helps the next one: after other failures it may be what
  /// made them.
  fileprivate var isWorthKeeping: Bool {
    isTransient || kind == .tooLarge || kind == .writeFailed
  }
}
