import Core

/// What stands against an upload.
package enum UploadProblem: Sendable, Hashable {
  /// The key has so many uploads, which is as many as it may have.
  case filesOfKey(Int, most: Int)
  /// The key keeps so many bytes.
  case bytesOfKey(Int64, most: ByteSize)
  /// All keys together keep as much as the server may.
  case bytes(most: ByteSize)
  /// All keys together have as many uploads as the server may keep.
  case files(most: Int)
  /// The file was put before.
  case taken

  /// Whether it is the key's own doing, not the server's.
  var isOfKey: Bool {
    switch self {
    case .filesOfKey, .bytesOfKey: true
    case .bytes, .files, .taken: false
    }
  }

  /// One sentence.
  var sentence: String {
    switch self {
    case .filesOfKey(let count, let most):
      "This key has \(count) uploads, and may have \(most) at a time."
    case .bytesOfKey(let bytes, let most):
      "This key keeps \(ByteSize(bytes: bytes).rounded) of uploads, and may keep \(most)."
    case .bytes(let most): "The server's space for uploads is full: it keeps at most \(most)."
    case .files(let most): "The server keeps at most \(most) uploads at a time."
    case .taken: "This file was uploaded before; files are written once."
    }
  }
}

/// How much is kept of uploads.
struct UploadSums: Sendable, Hashable {
  /// Bytes of one key.
  var ownBytes: Int64
  /// Files of one key.
  var ownFiles: Int
  /// Bytes of all keys.
  var bytes: Int64
  /// Files of all keys.
  var files: Int
}

extension UploadLimits {
  /// What stands against another place for a file, `sums` being what is kept without it.
  func problem(placing sums: UploadSums) -> UploadProblem? {
    if let most = filesPerKey, sums.ownFiles >= most {
      return .filesOfKey(sums.ownFiles, most: most)
    }
    if let most = bytesPerKey, sums.ownBytes >= most.bytes {
      return .bytesOfKey(sums.ownBytes, most: most)
    }
    if let most = bytes, sums.bytes + 1 > most.bytes { return .bytes(most: most) }
    if let most = files, sums.files >= most { return .files(most: most) }
    return nil
  }

  /// What stands against `size` bytes in a place that is there; `isOwned` says that its key is known.
  func problem(adding size: Int64, to sums: UploadSums, isOwned: Bool = true) -> UploadProblem? {
    if isOwned, let most = bytesPerKey, sums.ownBytes + size > most.bytes {
      return .bytesOfKey(sums.ownBytes, most: most)
    }
    if let most = bytes, sums.bytes + max(1, size) > most.bytes { return .bytes(most: most) }
    return nil
  }
}
