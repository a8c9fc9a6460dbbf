import Foundation
import Glibc
import Synchronization

/// Ends what the tests started and removes their folders once this process is gone, however it ended.
///
/// A small shell waits at the other end of a pipe: the pipe's end is the only sign of death that
/// also follows a crash or `kill -9`. `PR_SET_PDEATHSIG` would not do: it fires when the *thread* that
/// started the child ends, and test threads come and go.
public enum Janitor {
  private static let script = """
    live=' '
    while read -r what value; do
      case $what in
        started) live="$live$value ";;
        ended) case $live in *" $value "*) live="${live%% $value *} ${live#* $value }";; esac;;
        folder) set -- "$@" "$value";;
      esac
    done
    for pid in $live; do kill -9 -"$pid" "$pid"; done
    [ $# = 0 ] || rm -rf -- "$@"
    for folder; do
      # Whose parent was killed may write on for a moment.
      [ ! -e "$folder" ] || { sleep 1; rm -rf -- "$folder"; }
    done
    """

  // Held for as long as the process lives; nil where no shell could be started.
  private static let pipe: Int32? = {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    for descriptor: Int32 in [1, 2] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A session of its own: Ctrl-C in the terminal must not reach it.
    // POSIX_SPAWN_SETSID of glibc's spawn.h, which Swift does not import.
    posix_spawnattr_setflags(&attributes, 0x80)
    var words: [UnsafeMutablePointer<CChar>?] = []
    for word in ["sh", "-c", script] as [String] { words.append(strdup(word)) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, "/bin/sh", &actions, &attributes, words, [nil])
    close(ends[0])
    guard status == 0 else {
      close(ends[1])
      return nil
    }
    return ends[1]
  }()

  private static let turn = Mutex(())

  /// A child was started: it is killed, with its process group, when this process ends first.
  public static func started(_ pid: Int32) { say("started \(pid)") }

  /// A child has ended or was killed.
  public static func ended(_ pid: Int32) { say("ended \(pid)") }

  /// A folder that goes when this process goes.
  static func removes(_ folder: String) { say("folder \(folder)") }

  private static func say(_ line: String) {
    guard let pipe else { return }
    let bytes = Array((line + "\n").utf8)
    turn.withLock { _ in _ = write(pipe, bytes, bytes.count) }
  }
}
