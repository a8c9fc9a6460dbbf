import CCurl
import Glibc
import Synchronization

/// The thread that runs every transfer of one client.
final class TransferLoop: Sendable {
  private enum Command: Sendable {
    case start(Transfer)
    case cancel(Ticket)
  }

  private struct State {
    var commands: [Command] = []
    var isClosed = false
  }

  /// libcurl's handle for many transfers.
  ///
  /// `@unchecked Sendable`: only the thread uses it, but for `curl_multi_wakeup`, which may be
  /// called from any thread, and which is called only under the state's lock while the loop is open.
  private struct Multi: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
  }

  private static let isReady = swapline_global_init() == CURLE_OK

  private let state = Mutex(State())
  private let multi: Multi
  private let options: HTTPClient.Options

  init?(options: HTTPClient.Options) {
    guard Self.isReady, let handle = curl_multi_init() else { return nil }
    multi = Multi(handle: handle)
    self.options = options
    var thread = pthread_t()
    let box = Unmanaged.passRetained(self)
    guard pthread_create(&thread, nil, runTransferLoop, box.toOpaque()) == 0 else {
      box.release()
      curl_multi_cleanup(handle)
      return nil
    }
    pthread_detach(thread)
  }

  func start(_ transfer: Transfer) {
    if !send(.start(transfer)) {
      transfer.finish(.failure(CurlError(.other, "The client is shut down.")))
    }
  }

  func cancel(_ ticket: Ticket) {
    ticket.cancel()
    _ = send(.cancel(ticket))
  }

  /// Ends every transfer with `CancellationError`, and the thread.
  func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      curl_multi_wakeup(multi.handle)
    }
  }

  private func send(_ command: Command) -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      state.commands.append(command)
      curl_multi_wakeup(multi.handle)
      return true
    }
  }

  fileprivate func run() {
    blockBrokenPipeSignal()
    var active: [ObjectIdentifier: EasyHandle] = [:]
    while true {
      let (commands, isClosed) = state.withLock { state in
        defer { state.commands = [] }
        return (state.commands, state.isClosed)
      }
      for command in commands { obey(command, &active) }
      if isClosed { break }
      var running: Int32 = 0
      curl_multi_perform(multi.handle, &running)
      finishDone(&active)
      // Ends early for a socket, a wake-up or one of libcurl's own time limits.
      curl_multi_poll(multi.handle, nil, 0, 60_000, nil)
    }
    for handle in active.values {
      curl_multi_remove_handle(multi.handle, handle.easy)
      handle.transfer.finish(.failure(CancellationError()))
    }
    active = [:]
    curl_multi_cleanup(multi.handle)
  }

  private func obey(_ command: Command, _ active: inout [ObjectIdentifier: EasyHandle]) {
    switch command {
    case .start(let transfer):
      guard !transfer.ticket.isCancelled else {
        return transfer.finish(.failure(CancellationError()))
      }
      do throws(CurlError) {
        let handle = try EasyHandle(transfer, options: options)
        guard curl_multi_add_handle(multi.handle, handle.easy) == CURLM_OK else {
          throw CurlError(.other, "libcurl could not start a transfer.")
        }
        active[ObjectIdentifier(transfer.ticket)] = handle
      } catch {
        transfer.finish(.failure(error))
      }
    case .cancel(let ticket):
      guard let handle = active.removeValue(forKey: ObjectIdentifier(ticket)) else { return }
      curl_multi_remove_handle(multi.handle, handle.easy)
      handle.transfer.finish(.failure(CancellationError()))
    }
  }

  private func finishDone(_ active: inout [ObjectIdentifier: EasyHandle]) {
    var code = CURLE_OK
    while let easy = swapline_next_finished(multi.handle, &code) {
      curl_multi_remove_handle(multi.handle, easy)
      guard let context = swapline_get_private(easy) else { continue }
      let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
      // The handle owns what `easy` points at.
      withExtendedLifetime(handle) {
        let transfer = handle.transfer
        active[ObjectIdentifier(transfer.ticket)] = nil
        if code == CURLE_OK {
          transfer.finish(redirect: swapline_get_redirect(easy).map { String(cString: $0) })
        } else {
          transfer.finish(.failure(transfer.error(for: code)))
        }
      }
    }
  }

  /// A peer that closed must be an error of the write, not the end of the program: OpenSSL writes
  /// without MSG_NOSIGNAL.
  private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}

private func runTransferLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
