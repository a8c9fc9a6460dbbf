import FoundationEssentials
import Glibc
import InProcess
import Processing

CoreDumps.forbid()
umask(0o077)

if CommandLine.arguments.dropFirst() == ["--capabilities"] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  let answer = try await InProcessMedia(width: 1).capabilities()
  print(String(decoding: try encoder.encode(answer), as: UTF8.self))
} else if WorkerLoop.isStartedByPool {
  let media = InProcessMedia(width: 1)
  try WorkerLoop(media, kinds: InProcessMedia.kinds) { await media.prepare(for: $0) }.run()
} else {
  let text = "swapline-media does media work for swapline, which starts it when it needs it.\n"
  write(STDERR_FILENO, text, text.utf8.count)
  exit(2)
}
