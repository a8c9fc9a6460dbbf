import Core
import Files
import Glibc
import Pipelines
import Processing
import Providers
import Swapline

/// `swapline doctor`: what is installed, what loads and saves, what is missing.
enum DoctorCommand: Subcommand {
  static let facts = CommandFacts(
    "doctor", "Show what is installed, which formats can be read and written, and what is missing.",
    options: [
      .json,
      .value(
        "model", of: "FILE",
        "Check a swap network of your own (ONNX) against a recorded output instead."),
      .value("embedder", of: "FILE", "The embedder that goes with it, or that is checked alone."),
      .value(
        "input", of: "FILE", repeats: true,
        "Input of the network: an array of float32 as saved by NumPy (.npy)."),
      .value("expect", of: "FILE", "The recorded output, as such an array."),
      .value(
        "tolerance", of: "N", "Largest difference allowed between two numbers (default 0.001)."),
    ],
    examples: [
      "swapline doctor",
      "swapline doctor --model swap.onnx --input picture.npy --input identity.npy --expect swapped.npy",
    ])

  private struct Row: Encodable {
    var subject: String
    var isGood: Bool
    var found: String
    var remedy: String?
  }

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    if arguments.last("model") != nil || arguments.last("embedder") != nil {
      return try await NetworkParity.run(arguments, terminal)
    }
    var rows = [
      Row(subject: "swapline", isGood: true, found: SwaplineVersion.text),
      Row(subject: "cores", isGood: true, found: "\(WorkerPool.cores)"),
    ]
    rows += await media()
    rows.append(networks())
    rows.append(runtime())
    rows += ProviderDescriptor.all.map(key)
    rows.append(folder())
    for row in rows {
      if arguments.has("json") {
        terminal.result(try JSONText.line(row) + "\n")
      } else {
        let mark = row.isGood ? terminal.paint("ok", .green) : terminal.paint("!!", .yellow)
        terminal.result("\(mark)  \(row.subject.padding(to: 16))\(row.found)\n")
        if let remedy = row.remedy { terminal.result("                    \(remedy)\n") }
      }
    }
    // A missing key or format is a fact, not a failure; without a media worker nothing works.
    return rows.contains { !$0.isGood && $0.subject == "media worker" } ? .failed : .good
  }

  private static func media() async -> [Row] {
    let pool = WorkerPool()
    defer { pool.shutdown() }
    do {
      let start = ContinuousClock.now
      let found = try await pool.capabilities()
      let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
      let missing = MediaFormat.all.filter {
        !found.reads.contains($0) && $0.kinds != [.video]
      }
      return [
        Row(
          subject: "media worker", isGood: true, found: "answers after \(milliseconds) ms"),
        Row(subject: "libvips", isGood: true, found: found.libvips),
        Row(
          subject: "reads", isGood: missing.isEmpty,
          found: found.reads.map(\.name).joined(separator: ", "),
          remedy: missing.isEmpty
            ? nil : "not: \(missing.map(\.name).joined(separator: ", ")) (this libvips lacks them)"),
        Row(
          subject: "writes", isGood: true,
          found: found.writes.map(\.name).joined(separator: ", ")),
      ]
    } catch {
      let known = error as? SwaplineError
      return [
        Row(
          subject: "media worker", isGood: false, found: known?.message ?? "\(error)",
          remedy: known?.hint ?? "Run 'make build', which builds it beside the command.")
      ]
    }
  }

  private static func networks() -> Row {
    let networks = EngineNetworks()
    do {
      let place = try networks.survey()
      return Row(
        subject: "local engine", isGood: true, found: "\(EngineNetworks.version), in \(place)")
    } catch {
      return Row(subject: "local engine", isGood: false, found: error.message, remedy: error.hint)
    }
  }

  private static func runtime() -> Row {
    do {
      return Row(
        subject: "own networks", isGood: true, found: "run by \(try RuntimeLibrary().path())")
    } catch {
      return Row(
        subject: "own networks", isGood: true, found: "cannot be used: onnxruntime is not here",
        remedy: error.hint)
    }
  }

  private static func key(_ descriptor: ProviderDescriptor) -> Row {
    let isSet = !(ProcessEnvironment.variables[descriptor.keyVariable] ?? "").isEmpty
    return Row(
      subject: descriptor.name, isGood: true,
      found: isSet ? "\(descriptor.keyVariable) is set" : "\(descriptor.keyVariable) is not set",
      remedy: isSet ? nil : "Only 'at: embedded' works without it.")
  }

  private static func folder() -> Row {
    let path = FileSystem.currentFolder
    var space = statvfs()
    let isKnown = statvfs(path, &space) == 0
    let free = Int64(space.f_bavail) * Int64(space.f_frsize)
    let isWritable = access(path, W_OK) == 0
    return Row(
      subject: "this folder", isGood: isWritable && (!isKnown || free > 1_000_000_000),
      found: (isWritable ? "can be written" : "cannot be written")
        + (isKnown ? ", \(ByteSize(bytes: free).rounded) free" : ""),
      remedy: isWritable ? nil : "Name another folder with --out.")
  }
}
