import Core

/// One of the equal shares in which many processes work on one list: `42/1000` is the 42nd of a thousand.
///
/// An item belongs to the shard that its name says, whatever else the list holds and in whatever order: the
/// first eight bytes of the SHA-256 of its id, as a number, modulo the count, counted from one. Its id is the
/// one that its row gives, or else the name of its scene's file; `--name` changes nothing about it.
public struct Shard: Sendable, Hashable {
  /// Which of them, from 1.
  public let number: Int
  /// How many there are.
  public let count: Int

  /// The most shards of a list.
  public static let most = 100_000

  /// Shard `number` of `count`; nil where there is no such shard.
  public init?(_ number: Int, of count: Int) {
    guard (1...Self.most).contains(count), (1...count).contains(number) else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// A shard written as `42/1000`, the first of them being 1. Throws `SwaplineError` of code `usage`.
  public init(parsing text: String) throws(SwaplineError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard parts.count == 2, numbers.count == 2 else {
      throw SwaplineError(
        .usage, "The shard is '\(text)', and must be a number and how many there are.",
        hint: "Write for example 42/1000.")
    }
    guard (1...Self.most).contains(numbers[1]) else {
      throw SwaplineError(
        .usage, "The shard is '\(text)', and a list has from 1 to \(Self.most) shards.",
        hint: "Write for example 42/1000.")
    }
    guard let shard = Shard(numbers[0], of: numbers[1]) else {
      throw SwaplineError(
        .usage, "The shard is '\(text)', and shards are numbered from 1 to \(numbers[1]).",
        hint: numbers[0] == 0 ? "Add one to a number that counts from 0." : nil)
    }
    self = shard
  }

  /// The shard as it is written on the command line.
  public var text: String { "\(number)/\(count)" }

  /// The shard as a name, `0042-of-1000`: all names of one count have the same length, so they sort.
  public var name: String {
    let digits = "\(number)"
    let width = "\(count)".utf8.count
    return String(repeating: "0", count: width - digits.utf8.count) + "\(digits)-of-\(count)"
  }

  /// The shard that `name` is the name of, with an extension or without; nil for other names.
  public init?(name: some StringProtocol) {
    let stem = name.prefix { $0 != "." }
    guard let mark = stem.firstRange(of: "-of-") else { return nil }
    let parts = [stem[..<mark.lowerBound], stem[mark.upperBound...]]
    guard parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let number = Int(parts[0]), let count = Int(parts[1]),
      let shard = Shard(number, of: count), shard.name == stem
    else { return nil }
    self = shard
  }

  /// Every shard of `count`.
  public static func all(of count: Int) -> [Shard] {
    (1...max(1, count)).compactMap { Shard($0, of: count) }
  }

  /// Whether an item of this id belongs to it.
  public func takes(_ id: String) -> Bool { takes(ShardKey(id)) }

  func takes(_ key: ShardKey) -> Bool { key.number(among: count) == number }
}

/// What decides about the shard of a row.
struct ShardKey: Hashable {
  private let head: UInt64

  /// The key of an item called `id`.
  init(_ id: String) {
    var name = Item.safeName(id)
    head = name.withUTF8 { Digest.head(of: UnsafeRawBufferPointer($0)) }
  }

  /// The key of what a row says, which begins in `line`.
  init(_ values: ItemsFile.Values, line: Int) {
    if let id = values[.id] {
      self.init(id)
    } else if let scene = values[.scene] {
      self.init(Item.stem(of: scene))
    } else {
      self.init("line-\(values[.reference("line")] ?? "\(line)")")
    }
  }

  /// The key of the row whose cells `id` and `scene` are these bytes, without blanks around them; nil where
  /// that takes a closer look.
  init?(id: UnsafeBufferPointer<UInt8>, scene: UnsafeBufferPointer<UInt8>) {
    let name = id.isEmpty ? Self.stem(of: scene) : id
    guard Self.isSafe(name), !id.isEmpty || !scene.elementsEqual("-".utf8) else { return nil }
    head = Digest.head(of: UnsafeRawBufferPointer(name))
  }

  /// From 1.
  func number(among count: Int) -> Int { Int(head % UInt64(count)) + 1 }

  /// As `Item.stem`, of plain characters.
  private static func stem(of scene: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var end = scene.firstIndex { $0 == 0x3F || $0 == 0x23 } ?? scene.count
    while end > 0, scene[end - 1] == 0x2F { end -= 1 }
    let start = scene[..<end].lastIndex(of: 0x2F).map { $0 + 1 } ?? 0
    if let dot = scene[start..<end].lastIndex(of: 0x2E), dot > start { end = dot }
    return UnsafeBufferPointer(rebasing: scene[start..<end])
  }

  /// Whether `Item.safeName` leaves the name as it is.
  private static func isSafe(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = name.first, first != 0x2E, name.count <= 120 else { return false }
    var isDotted = false
    for byte in name {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: continue
      case 0x2E: isDotted = true
      default: return false
      }
    }
    return !isDotted || !Item.ownNames.contains { name.elementsEqual($0.utf8) }
  }
}
