import Dispatch
import Synchronization

extension [Frame] {
  /// The same pictures at another size, scaled on every core.
  func scaled(width: Int, height: Int) throws -> [Frame] {
    guard contains(where: { $0.width != width || $0.height != height }) else { return self }
    let results = Mutex([Result<Frame, any Error>?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let scaled = Result { try self[index].scaled(width: width, height: height) }
      results.withLock { $0[index] = scaled }
    }
    return try results.withLock { $0 }.compactMap { try $0?.get() }
  }
}
