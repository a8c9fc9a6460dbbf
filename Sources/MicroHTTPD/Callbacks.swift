import CMicroHTTPD

// libmicrohttpd calls these on the server's thread. They stand at file scope so that no actor's
// isolation comes along. The context is the `ServerCore`, which its `HTTPServer` keeps alive.

private func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
  context.map { Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
}

/// The first line of a request is there. What this gives comes back as the other callbacks' last
/// argument, and is owned until `onCompleted`.
func onTarget(
  _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let core = core(context), let target else { return nil }
  return Unmanaged.passRetained(core.open(target: String(cString: target))).toOpaque()
}

/// Called with the head alone, then for each piece of the body, then once it is whole, and again
/// after each resumption.
func onAccess(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?,
  _ data: UnsafePointer<CChar>?, _ size: UnsafeMutablePointer<Int>?,
  _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let core = core(context), let connection, let method, let size, let owned = slot?.pointee
  else { return .NO }
  let exchange = Unmanaged<Exchange>.fromOpaque(owned).takeUnretainedValue()
  if exchange.head == nil {
    let head = RequestHead(
      method: String(cString: method), target: exchange.target, headers: headers(of: connection))
    guard let refusal = core.begin(exchange, head) else { return .YES }
    return queue(Prepared.make(refusal, method: head.method, headers: head.headers), connection)
  }
  if size.pointee > 0 {
    let isTaken = exchange.take(UnsafeRawBufferPointer(start: data, count: size.pointee))
    size.pointee = 0
    return isTaken ? .YES : .NO
  }
  if let answer = exchange.answer { return queue(answer, connection) }
  if let refusal = exchange.refusal {
    return queue(Prepared.make(refusal, method: "POST", headers: [:]), connection)
  }
  if let answer = core.answerAtOnce(exchange) { return queue(answer, connection) }
  core.handle(exchange, connection)
  return .YES
}

/// The answer is sent, or will never be.
func onCompleted(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
  guard let core = core(context), let owned = slot?.pointee else { return }
  slot?.pointee = nil
  core.close(Unmanaged<Exchange>.fromOpaque(owned).takeRetainedValue())
}

private func queue(_ answer: Prepared?, _ connection: OpaquePointer) -> MHD_Result {
  // Only without memory, or with a header field that may not be sent, is there no answer.
  let answer = answer ?? Prepared.make(.text(500, ""), method: "GET", headers: [:])
  guard let answer else { return .NO }
  return MHD_queue_response(connection, answer.status, answer.response)
}

private final class HeaderList {
  var headers = HTTPHeaders()
}

private func headers(of connection: OpaquePointer) -> HTTPHeaders {
  let list = HeaderList()
  _ = withExtendedLifetime(list) {
    MHD_get_connection_values(
      connection, .HEADER_KIND, addHeader, Unmanaged.passUnretained(list).toOpaque())
  }
  return list.headers
}

private func addHeader(
  _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let context, let name else { return .NO }
  Unmanaged<HeaderList>.fromOpaque(context).takeUnretainedValue().headers
    .add(String(cString: name), value.map { String(cString: $0) } ?? "")
  return .YES
}
