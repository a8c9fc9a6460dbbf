import CCurl
import Glibc

// libcurl calls these on the transfer thread. They stand at file scope so that no actor's isolation
// comes along. The context is a `Transfer` that its `EasyHandle` keeps alive.

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
  context.map { Unmanaged<EasyHandle>.fromOpaque($0).takeUnretainedValue().transfer }
}

private func handle(_ context: UnsafeMutableRawPointer?) -> EasyHandle? {
  context.map { Unmanaged<EasyHandle>.fromOpaque($0).takeUnretainedValue() }
}

func takeHeader(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  let line = UnsafeRawBufferPointer(start: data, count: size * count)
  return transfer(context)?.take(headerLine: line) == true ? line.count : 0
}

func takeBody(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
  // Any other number than the one given ends the transfer; an empty piece is no piece.
  guard !bytes.isEmpty else { return 0 }
  return transfer(context)?.take(body: bytes) == true ? bytes.count : 0
}

func giveBody(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  let buffer = UnsafeMutableRawBufferPointer(start: data, count: size * count)
  return transfer(context)?.read(into: buffer) ?? Int(CURL_READFUNC_ABORT)
}

func seekBody(_ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: Int32) -> Int32 {
  guard origin == SEEK_SET, transfer(context)?.upload.seek(to: Int64(offset)) == true else {
    return CURL_SEEKFUNC_FAIL
  }
  return CURL_SEEKFUNC_OK
}

func openSocket(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
  _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let handle = handle(context), let address else { return CURL_SOCKET_BAD }
  let isAllowed = withUnsafePointer(to: &address.pointee.addr) {
    handle.transfer.mayConnect(to: $0, policy: handle.socketPolicy)
  }
  guard isAllowed else { return CURL_SOCKET_BAD }
  let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
  return socket(address.pointee.family, kind, address.pointee.`protocol`)
}

func aboutToSend(
  _ context: UnsafeMutableRawPointer?, _ remote: UnsafeMutablePointer<CChar>?,
  _ local: UnsafeMutablePointer<CChar>?, _ remotePort: Int32, _ localPort: Int32
) -> Int32 {
  guard let handle = handle(context), let remote else { return CURL_PREREQFUNC_ABORT }
  return handle.transfer.maySend(to: String(cString: remote), policy: handle.socketPolicy)
    ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
