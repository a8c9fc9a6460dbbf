extension BadInputSection {
  static let streams = BadInputSection(
    "Streams and surroundings",
    [
      .shell(
        "standard output closed early (works)", 0,
        "{ \(run) -s photo.jpg --json; echo $? >code; } | head -n 1; exit $(cat code)"),
      .shell("standard output closed from the start (works)", 0, "exec \(run) -s photo.jpg >&-"),
      .shell("standard error closed (works)", 0, "exec \(run) -s photo.jpg 2>&-"),
      .shell("standard error closed, and an error", 1, "exec \(run) -s nowhere.jpg 2>&-")
        .allowing(.silence),
      .shell(
        "all three streams closed (works)", 0,
        "\(run) -s photo.jpg <&- >&- 2>&- && test -s out/photo/asset.json"),
      .shell("standard output to a full disk", 1, "exec {swapline} probe photo.jpg >/dev/full"),
      .shell("no environment at all (works)", 0, "exec env -i \(run) -s photo.jpg"),
      .shell(
        "current folder removed", 2,
        "mkdir gone && cd gone && rmdir ../gone && exec {swapline} run ../prepare.yaml -s a.jpg"),
      .shell(
        "24 open files allowed", 1,
        "ulimit -n 24; exec {swapline} run swap.yaml --out out -s \(scene) -f \(face)"),
      .terminal("terminal of 40 columns", "stty cols 40;"),
      .terminal("TERM=dumb: no escape sequences", "TERM=dumb").never("\u{1B}"),
      .terminal("NO_COLOR: no colours", "NO_COLOR=1").never("\u{1B}[1;31m"),
      .prepare("100 items of one picture (works)", 0, "-i", "items.csv")
        .file(
          "items.csv", .text("id,scene\n" + (0..<100).map { "i\($0),photo.jpg\n" }.joined())),
    ])

  private static let run = "{swapline} run prepare.yaml --out out"
}

extension BadInput {
  /// A run at a terminal of its own, whose output and errors are one.
  fileprivate static func terminal(_ label: String, _ setting: String) -> BadInput {
    .shell(
      label, 1,
      """
      export TERM=xterm
      exec script -qec "\(setting) {swapline} run prepare.yaml --out out -s nowhere.jpg" /dev/null >&2
      """)
  }
}
