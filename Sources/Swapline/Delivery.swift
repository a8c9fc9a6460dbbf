import Core
import Files
import Hosting
import Ledgers
import Runs

/// Puts what was made of each item at a place elsewhere: what is there already is not put again.
struct Delivery: Sendable {
  let place: any ResultPlace
  private let record: DeliveryRecord
  /// Whether what is recorded was compared with what is there.
  private let isCompared: Bool

  /// The most files of an item that are put at once.
  private static let width = 4

  /// Looks at the place, opens the record in `folder`, and compares it with what is there, where the place gives
  /// a list.
  init(to place: any ResultPlace, _ folder: RunFolder) async throws {
    self.place = place
    let record = try await ThreadPool.disk.run { _ in try DeliveryRecord(folder) }
    self.record = record
    isCompared = try await place.check()
    guard isCompared, try await !record.isEmpty() else { return }
    try await place.list { page in
      try await record.see(page.map { ($0.key, $0.size, $0.tag) })
    }
    try await record.forgetUnseen()
  }

  /// Puts the files of an item. Throws `SwaplineError` for the first that cannot be put; the others are
  /// put all the same.
  func deliver(_ files: [Published]) async throws {
    try await withThrowingTaskGroup(of: Result<Void, any Error>.self) { group in
      var problem: (any Error)?
      for (index, file) in files.enumerated() {
        if index >= Self.width, case .failure(let error)? = try await group.next() {
          problem = problem ?? error
        }
        group.addTask {
          do {
            return .success(try await deliver(file))
          } catch {
            return .failure(error)
          }
        }
      }
      for try await result in group {
        if case .failure(let error) = result { problem = problem ?? error }
      }
      if let problem { throw problem }
    }
  }

  private func deliver(_ published: Published) async throws {
    let file = try await ThreadPool.disk.run { _ in try ResultFile(published) }
    let known = try await record.entry(file.key)
    if let known, known.digest == file.digest, let tag = known.tag {
      if isCompared { return }
      if try await place.holds(file.key, size: file.size, tag: tag) { return }
    }
    let entry = DeliveryRecord.Entry(digest: file.digest, size: file.size)
    let begun = known?.digest == file.digest ? known?.upload : nil
    let tag = try await place.put(file, upload: begun) { [record] upload in
      var noted = entry
      noted.upload = upload
      try await record.note(file.key, noted)
    }
    var done = entry
    done.tag = tag
    try await record.note(file.key, done)
  }
}

extension ResultFile {
  /// Reads what a file without facts is.
  fileprivate init(_ published: Published) throws {
    if let media = published.media {
      self.init(
        path: published.path, key: published.name, size: media.size, digest: media.digest,
        format: media.format)
      return
    }
    let bytes = try FileSystem.read(published.path)
    self.init(
      path: published.path, key: published.name, size: Int64(bytes.count),
      digest: Digest(of: bytes))
  }
}
