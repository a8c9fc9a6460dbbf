import CYAML

/// Reads one YAML 1.1 document through libyaml into nodes with places.
package struct YAMLReader {
  /// The deepest nesting that is read, so that hostile documents cannot exhaust the stack.
  package static let maximumDepth = 64
  /// The most nodes that are read, aliases counted as often as they stand.
  package static let maximumNodes = 100_000

  // At a stable address: libyaml keeps a pointer to the parser inside the parser.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private var anchors: [String: YAMLNode] = [:]
  private var nodes = 0
  private let lastLine: Int

  private init(parser: UnsafeMutablePointer<yaml_parser_t>, lastLine: Int) {
    self.parser = parser
    self.lastLine = lastLine
  }

  /// The document's value; nil for a document without one.
  ///
  /// - Throws: `YAMLError` for what is not YAML, for a second document, and past the maxima.
  package static func read(_ text: String) throws -> YAMLNode? {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else {
      throw YAMLError("out of memory", at: YAMLMark(line: 1, column: 1))
    }
    defer { yaml_parser_delete(parser) }
    let newlines = text.utf8.count { $0 == UInt8(ascii: "\n") }
    var reader = YAMLReader(
      parser: parser, lastLine: newlines + (text.utf8.last == UInt8(ascii: "\n") ? 0 : 1))
    // Told the encoding, libyaml takes a byte order mark for text.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = Array(text.utf8.dropFirst(text.utf8.starts(with: mark) ? mark.count : 0))
    return try bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      return try reader.document()
    }
  }

  private mutating func document() throws -> YAMLNode? {
    var root: YAMLNode?
    var documents = 0
    while true {
      let event = try next()
      switch event.kind {
      case YAML_STREAM_END_EVENT: return root
      case YAML_DOCUMENT_START_EVENT:
        documents += 1
        guard documents == 1 else {
          throw YAMLError(
            "A second document begins here, but a file holds only one", at: event.start,
            remedy: "Remove it, or put it into its own file.")
        }
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
      default: root = try node(from: event, depth: 0)
      }
    }
  }

  private mutating func node(from event: Event, depth: Int) throws -> YAMLNode {
    nodes += 1
    guard nodes <= Self.maximumNodes else {
      throw tooMuch("The document has more than \(Self.maximumNodes) values", event)
    }
    guard depth < Self.maximumDepth else {
      throw tooMuch("Values are nested more than \(Self.maximumDepth) deep", event)
    }
    let node: YAMLNode
    switch event.kind {
    case YAML_ALIAS_EVENT: return try alias(event)
    case YAML_SCALAR_EVENT:
      node = YAMLNode(
        .scalar(event.text, isPlain: event.isPlain), start: event.start, end: event.end)
    case YAML_SEQUENCE_START_EVENT: node = try sequence(event, depth: depth)
    case YAML_MAPPING_START_EVENT: node = try mapping(event, depth: depth)
    default: throw YAMLError("a value is missing here", at: event.start)
    }
    if let anchor = event.anchor { anchors[anchor] = node }
    return node
  }

  private mutating func alias(_ event: Event) throws -> YAMLNode {
    guard let target = event.anchor.flatMap({ anchors[$0] }) else {
      throw YAMLError(
        "*\(event.anchor ?? "") has no &\(event.anchor ?? "") before it", at: event.start)
    }
    nodes += target.count
    guard nodes <= Self.maximumNodes else {
      throw tooMuch("Aliases make more than \(Self.maximumNodes) values", event)
    }
    return YAMLNode(target.content, start: event.start, end: event.end)
  }

  private mutating func sequence(_ event: Event, depth: Int) throws -> YAMLNode {
    var items: [YAMLNode] = []
    while true {
      let inner = try next()
      if inner.kind == YAML_SEQUENCE_END_EVENT {
        return YAMLNode(.sequence(items), start: event.start, end: inner.end)
      }
      items.append(try node(from: inner, depth: depth + 1))
    }
  }

  private mutating func mapping(_ event: Event, depth: Int) throws -> YAMLNode {
    var pairs: [(key: YAMLNode, value: YAMLNode)] = []
    while true {
      let inner = try next()
      if inner.kind == YAML_MAPPING_END_EVENT {
        return YAMLNode(.mapping(pairs), start: event.start, end: inner.end)
      }
      let key = try node(from: inner, depth: depth + 1)
      let value = try node(from: try next(), depth: depth + 1)
      pairs.append((key, value))
    }
  }

  private struct Event {
    var kind: yaml_event_type_t
    var text = ""
    var isPlain = false
    var anchor: String?
    var start: YAMLMark
    var end: YAMLMark
  }

  private mutating func next() throws -> Event {
    var raw = yaml_event_t()
    guard yaml_parser_parse(parser, &raw) == 1 else { throw problem }
    defer { yaml_event_delete(&raw) }
    var event = Event(
      kind: raw.type, start: YAMLMark(raw.start_mark), end: YAMLMark(raw.end_mark))
    switch raw.type {
    case YAML_SCALAR_EVENT:
      let scalar = raw.data.scalar
      event.text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      event.isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      event.anchor = name(scalar.anchor)
    case YAML_SEQUENCE_START_EVENT: event.anchor = name(raw.data.sequence_start.anchor)
    case YAML_MAPPING_START_EVENT: event.anchor = name(raw.data.mapping_start.anchor)
    case YAML_ALIAS_EVENT: event.anchor = name(raw.data.alias.anchor)
    default: break
    }
    return event
  }

  private func name(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private func tooMuch(_ message: String, _ event: Event) -> YAMLError {
    YAMLError(message, at: event.start, remedy: "Check that it is the file that was meant.")
  }

  private var problem: YAMLError {
    let what = parser.pointee.problem.map { String(cString: $0) } ?? "the document cannot be read"
    // A reader's problem (bad UTF-8) has no mark, only an offset.
    guard parser.pointee.error != YAML_READER_ERROR else {
      return YAMLError(what, at: YAMLMark(parser.pointee.mark))
    }
    let mark = YAMLMark(parser.pointee.problem_mark)
    // What is never closed is noticed at the end of the text; where it was opened helps more.
    if mark.line > lastLine, let context = parser.pointee.context.map({ String(cString: $0) }) {
      return YAMLError("\(what) \(context)", at: YAMLMark(parser.pointee.context_mark))
    }
    return YAMLError(what, at: mark)
  }
}

extension YAMLMark {
  init(_ mark: yaml_mark_t) {
    self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }
}

extension YAMLNode {
  fileprivate var count: Int {
    switch content {
    case .scalar: 1
    case .sequence(let nodes): nodes.reduce(1) { $0 + $1.count }
    case .mapping(let pairs): pairs.reduce(1) { $0 + $1.key.count + $1.value.count }
    }
  }
}
