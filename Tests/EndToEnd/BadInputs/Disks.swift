/// File systems of a trial's own: a tmpfs that nobody else sees, and that goes with the command.
enum Disks {
  /// Why rows with such a file system are not run here; nil where they are.
  static var absence: String? {
    get async {
      let end = try? await execute(
        "unshare", ["-rm", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"])
      return end?.status == 0
        ? nil : "a tmpfs cannot be mounted: be root, or allow user namespaces"
    }
  }

  /// Runs `line` where `disk` is a tmpfs with these options.
  static func script(_ options: String, _ line: String) -> String {
    "mkdir disk && mount -t tmpfs -o \(options) tmpfs disk && \(line)"
  }
}

extension BadInput {
  /// A line for the shell where the folder `disk` is a tmpfs with these options.
  static func disk(_ label: String, _ code: Int32, _ options: String, _ line: String) -> BadInput {
    BadInput(label, code, ["unshare", "-rm", "sh", "-c", Disks.script(options, line)])
      .allowing(.disk)
  }
}
