import Core
import FoundationEssentials

/// What a pool says to a worker. `docs/decisions/workers.md` describes the exchange.
enum PoolMessage: Sendable, Codable {
  /// The pool's first word: limits that the worker sets for itself.
  case limit(WorkerLimits)
  /// Do this.
  case perform(id: Int, SentWork)
  /// Stop doing this.
  case cancel(id: Int)
}

/// What a worker says to its pool about work that gives an `Answer`.
enum WorkerMessage<Answer: Codable & Sendable>: Sendable, Codable {
  /// The worker's first word: the kinds of work that it does, and the version of each.
  case ready(works: [String: String])
  /// So much of this is done, 0 to 1.
  case progress(id: Int, Double)
  /// This came out.
  case answer(id: Int, Answer)
  /// This went wrong.
  case failure(id: Int, SwaplineError)
  /// This was stopped as asked.
  case cancelled(id: Int)
}

/// What a worker may use of the machine.
struct WorkerLimits: Sendable, Hashable, Codable {
  /// Address space in bytes; nil for no limit.
  var memory: Int64?
  /// Open files.
  var openFiles: Int
}

extension MediaWork {
  /// Changes with everything that a pool and a worker must agree on for this kind of work: what is asked
  /// and answered, and the messages around it.
  static var version: String {
    get throws {
      let shapes = try [Self.self, Answer.self, SwaplineError.self, WorkerLimits.self]
        .map { type in try WireShape.text(of: type) }
      // Raised with the cases of the messages themselves.
      return String(Digest(of: "5 \(name) \(shapes.joined(separator: " "))").hex.prefix(16))
    }
  }
}

/// A piece of work on its way to a worker, behind the name of its kind.
struct SentWork: Sendable, Codable {
  let work: any MediaWork

  /// Where a decoder finds the kinds of work that are known, by name.
  static let kinds = CodingUserInfoKey(rawValue: "kinds")

  init(_ work: any MediaWork) {
    self.work = work
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    let kinds = Self.kinds.flatMap { decoder.userInfo[$0] } as? [String: any MediaWork.Type]
    guard let name = container.allKeys.first, let kind = kinds?[name.stringValue] else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no known kind of work"))
    }
    work = try container.decode(kind, forKey: name)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    try container.encode(work, forKey: Name(stringValue: type(of: work).name))
  }

  private struct Name: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

/// Messages as they go through a channel: behind their length, four bytes with the highest first, in JSON.
enum WireFrame {
  /// The longest message, in bytes: more is a sign that the other side speaks something else.
  static let maximumLength = 16 << 20

  /// `message` behind its length.
  static func bytes(_ message: some Encodable) throws -> [UInt8] {
    let body = try JSONEncoder().encode(message)
    let length = UInt32(body.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + body
  }

  /// Takes the first whole message away from `bytes`; nil while more bytes are needed. `kinds` are the
  /// kinds of work that it may hold.
  ///
  /// Throws when the bytes cannot be a message.
  static func take<Message: Decodable>(
    from bytes: inout [UInt8], kinds: [String: any MediaWork.Type] = [:]
  ) throws -> Message? {
    guard bytes.count >= 4 else { return nil }
    let length = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximumLength else {
      throw SwaplineError(
        .internal, "A message of \(length) bytes came through a media worker's channel.")
    }
    guard bytes.count >= 4 + length else { return nil }
    let decoder = JSONDecoder()
    if let key = SentWork.kinds { decoder.userInfo[key] = kinds }
    let message = try decoder.decode(Message.self, from: Data(bytes[4..<4 + length]))
    bytes.removeFirst(4 + length)
    return message
  }
}
