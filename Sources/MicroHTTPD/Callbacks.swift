import CMicroHTTPD

// libmicrohttpd calls these on the server's thread. They stand at file scope so that no actor's
// isolation comes along. The context is the `ServerCore`, which its `HTTPServer` keeps alive.

private func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
  context.map { Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
}

/// A connection was taken, or is about to be closed.
func onConnection(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
) {
  guard let core = core(context), let connection, let slot else { return }
  if event == .CONNECTION_NOTIFY_STARTED {
    let client = swapline_client(connection).map { ClientAddress($0) } ?? ClientAddress("?")
    let number = core.connections.open(swapline_connection_socket(connection), client)
    slot.pointee = UnsafeMutableRawPointer(bitPattern: UInt(number))
  } else if let number = slot.pointee {
    core.connections.close(UInt64(UInt(bitPattern: number)))
  }
}

/// The first line of a request is there. What this gives comes back as the other callbacks' last
/// argument, and is owned until `onCompleted`.
func onTarget(
  _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let core = core(context), let target, let connection,
    let number = swapline_connection_context(connection)
  else { return nil }
  let exchange = core.open(
    target: String(cString: target), on: UInt64(UInt(bitPattern: number)))
  exchange.targetPart = HeadLayout.Part(target)
  return Unmanaged.passRetained(exchange).toOpaque()
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
    let fields = fields(of: connection)
    let head = RequestHead(
      method: String(cString: method), target: exchange.target, headers: fields.headers)
    let layout = HeadLayout(
      method: HeadLayout.Part(method), target: exchange.targetPart,
      version: HeadLayout.Part(version ?? method), fields: fields.parts,
      count: swapline_head_size(connection))
    let word = version.map { String(cString: $0) } ?? ""
    guard let refusal = core.begin(exchange, head, version: word, isPlain: layout.isPlain) else {
      return .YES
    }
    return queue(core.prepare(refusal, for: exchange), exchange, core, connection)
  }
  if size.pointee > 0 {
    core.connections.receive(size.pointee, exchange.connection)
    let isTaken = exchange.take(UnsafeRawBufferPointer(start: data, count: size.pointee))
    size.pointee = 0
    if isTaken, exchange.refusal != nil, exchange.isChunked, !exchange.isAnsweredEarly {
      core.answerEarly(exchange, connection)
    }
    return isTaken ? .YES : .NO
  }
  // There is nothing more to say, and nothing more to hear.
  if exchange.isAnsweredEarly { return .NO }
  if let answer = exchange.answer { return queue(answer, exchange, core, connection) }
  if let refusal = exchange.refusal {
    return queue(core.prepare(refusal, for: exchange), exchange, core, connection)
  }
  if let answer = core.answerAtOnce(exchange) {
    return queue(answer, exchange, core, connection)
  }
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
  core.close(
    Unmanaged<Exchange>.fromOpaque(owned).takeRetainedValue(),
    isWhole: reason == .REQUEST_TERMINATED_COMPLETED_OK)
}

private func queue(
  _ answer: PreparedResponse?, _ exchange: Exchange, _ core: ServerCore, _ connection: OpaquePointer
) -> MHD_Result {
  // Only without memory, or with a header field that may not be sent, is there no answer.
  let answer = answer ?? PreparedResponse.make(.text(500, ""), method: "GET", headers: [:])
  guard let answer else { return .NO }
  exchange.status = Int(answer.status)
  core.connections.enter(.sending, exchange.connection)
  return MHD_queue_response(connection, answer.status, answer.response)
}

private final class FieldList {
  var headers = HTTPHeaders()
  var parts: [(name: HeadLayout.Part, value: HeadLayout.Part)] = []
}

private func fields(of connection: OpaquePointer) -> FieldList {
  let list = FieldList()
  _ = withExtendedLifetime(list) {
    MHD_get_connection_values(
      connection, .HEADER_KIND, addField, Unmanaged.passUnretained(list).toOpaque())
  }
  return list
}

private func addField(
  _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let context, let name, let value else { return .NO }
  let list = Unmanaged<FieldList>.fromOpaque(context).takeUnretainedValue()
  list.parts.append((HeadLayout.Part(name), HeadLayout.Part(value)))
  // By bytes: before a value is checked, its characters may be costly to find.
  var text = Substring(String(cString: value)).utf8
  while text.last == 0x20 || text.last == 0x09 { text.removeLast() }
  list.headers.add(String(cString: name), String(Substring(text)))
  return .YES
}
