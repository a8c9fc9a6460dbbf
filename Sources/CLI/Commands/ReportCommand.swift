import Core
import Files
import Pipelines
import Processing
import Runs
import Synchronization

/// `swapline report`: the page of a run's folder anew, with small pictures; or a copy of it to hand on.
enum ReportCommand: Subcommand {
  static let facts = CommandFacts(
    "report", "Write a run's report.html again, with small pictures; or a folder to hand on.",
    options: [
      .runFolder,
      .flag(
        "bundle", nil,
        "Write a folder of its own that can be zipped and mailed: the page and reduced pictures."),
      .value("to", of: "DIR", "Where the bundle goes (default: the run's folder with '-report')."),
      .value(
        "workers", of: "N", "Number of worker processes that make pictures (default: one per core)."
      ),
      .flag("quiet", "q", "Print errors only."),
    ], examples: ["swapline report --out out", "swapline report --out out --bundle --to for-anna"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.has("bundle") || !arguments.has("to") else {
      throw SwaplineError(
        .usage, "--to is the place of a bundle.", hint: "Add --bundle, or leave --to out.")
    }
    let folder = try RunFolder(HostedCommand.folder(arguments))
    let bundle =
      arguments.has("bundle")
      ? FileSystem.absolute(arguments.last("to") ?? folder.path + "-report") : nil
    if let bundle { try check(bundle) }
    var configuration = WorkerPool.Configuration()
    configuration.workers = try arguments.int("workers", in: 1...256) ?? configuration.workers
    let pool = WorkerPool(configuration)
    defer { pool.shutdown() }
    let pictures =
      bundle.map { ReportPictures(of: folder, bundledIn: $0) }
      ?? ReportPictures(of: folder)
    let page = RunPage(folder, pictures: pictures)
    let isLive = terminal.isLive && !arguments.has("quiet")
    let count = try await page.makePictures(
      with: pool, concurrency: 2 * configuration.workers
    ) { seen in
      if isLive, seen % 25 == 0 { terminal.message("\r\(Figures.grouped(seen)) items …") }
    }
    if isLive { terminal.message("\r\u{1B}[K") }
    let heading = RunReport.heading(of: folder)
    try await ThreadPool.disk.run { _ in
      try page.write(title: heading.title, sums: heading.sums)
    }
    if !arguments.has("quiet") {
      terminal.message("\(Figures.grouped(count)) picture\(count == 1 ? "" : "s") made.\n")
    }
    terminal.result("\(pictures.page)/\(RunPage.name)\n")
    return .good
  }

  // A bundle is mailed whole: nothing else may lie in it.
  private static func check(_ folder: String) throws(SwaplineError) {
    let foreign = FileSystem.names(in: folder).filter { ![RunPage.name, "pictures"].contains($0) }
    guard foreign.isEmpty else {
      throw SwaplineError(
        .usage, "\(folder) holds other files, such as \(foreign.sorted()[0]).",
        hint: "Name an empty folder with --to.")
    }
    try FileSystem.makeFolder(folder)
  }
}
