import Core
import FoundationEssentials

/// What a pool and a worker say to each other. `docs/decisions/workers.md` describes the exchange.
enum WorkerMessage: Sendable, Codable {
  /// The worker's first word: the version of these messages that it speaks.
  case ready(version: Int)
  /// The pool's first word: limits that the worker sets for itself.
  case limit(WorkerLimits)
  /// Do this.
  case perform(id: Int, MediaRequest)
  /// Stop doing this.
  case cancel(id: Int)
  /// So much of this is done, 0 to 1.
  case progress(id: Int, Double)
  /// This came out.
  case answer(id: Int, MediaAnswer)
  /// This went wrong.
  case failure(id: Int, SwaplineError)
  /// This was stopped as asked.
  case cancelled(id: Int)

  /// Raised with every change of these messages or of the requests and answers in them.
  static let version = 4
}

/// What a worker may use of the machine.
struct WorkerLimits: Sendable, Hashable, Codable {
  /// Address space in bytes; nil for no limit.
  var memory: Int64?
  /// Open files.
  var openFiles: Int
}

extension WorkerMessage {
  /// The longest message, in bytes: more is a sign that the other side speaks something else.
  static let maximumLength = 16 << 20

  /// The message behind its length: four bytes, the highest first, then JSON.
  func frame() throws -> [UInt8] {
    let body = try JSONEncoder().encode(self)
    let length = UInt32(body.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + body
  }

  /// Takes the first whole message away from `bytes`; nil while more bytes are needed.
  ///
  /// Throws when the bytes cannot be a message.
  static func take(from bytes: inout [UInt8]) throws -> WorkerMessage? {
    guard bytes.count >= 4 else { return nil }
    let length = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximumLength else {
      throw SwaplineError(
        .internal, "A message of \(length) bytes came through a media worker's channel.")
    }
    guard bytes.count >= 4 + length else { return nil }
    let message = try JSONDecoder().decode(WorkerMessage.self, from: Data(bytes[4..<4 + length]))
    bytes.removeFirst(4 + length)
    return message
  }
}
