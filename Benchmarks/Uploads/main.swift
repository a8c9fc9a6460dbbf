import Core
import Curl
import Files
import Foundation
import Hosting

// Puts every file of a folder into a bucket as the host `s3` does, sixteen at once, and prints the seconds.
// Arguments: the folder, the storage's address, the bucket. Keys come from the environment.
let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  print("usage: UploadBenchmark FOLDER ENDPOINT BUCKET")
  throw SwaplineError(.usage, "Three arguments are wanted.")
}
let (folder, client) = (arguments[1], HTTPClient())
let host = try HostDescriptor.s3.make(
  HostSettings(
    name: "bench", values: ["bucket": arguments[3], "endpoint": arguments[2], "keep": "true"],
    environment: ProcessInfo.processInfo.environment, client: client))
let start = ContinuousClock.now
try await withThrowingTaskGroup(of: Void.self) { group in
  for (index, name) in FileSystem.names(in: folder).enumerated() {
    if index >= 16 { try await group.next() }
    group.addTask {
      let path = "\(folder)/\(name)"
      let (size, digest) = try await ThreadPool.disk.run { _ in
        (FileSystem.stamp(of: path)?.size ?? 0, try FileSystem.digest(of: path))
      }
      _ = try await host.publish(
        HostedFile(path: path, format: .jpg, size: size, digest: digest))
    }
  }
  try await group.waitForAll()
}
print((ContinuousClock.now - start) / .seconds(1))
client.shutdown()
