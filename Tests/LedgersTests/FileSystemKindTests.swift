import TestSupport
import Testing

@testable import Ledgers

/// On which file systems a ledger may be.
@Suite struct FileSystemKindTests {
  @Test(arguments: [
    ("nfs4", false), ("cifs", false), ("fuse.sshfs", false), ("fuse.rclone", false), ("9p", false),
    ("ext4", true), ("tmpfs", true), ("overlay", true), ("fuse.fuse-overlayfs", true),
    ("fuseblk", true),
  ]) func fileSystemsWhoseLocksCannotBeTrusted(name: String, isGood: Bool) {
    #expect(FileSystemKind(name: name).locks == isGood)
  }

  @Test func theFileSystemOfAFileIsFound() {
    #expect(FileSystemKind(of: "/proc/self/status")?.name == "proc")
    #expect(FileSystemKind(of: "/proc/no/such/file")?.name == "proc")
    #expect(FileSystemKind(of: TestFolder.root)?.locks == true)
  }
}
