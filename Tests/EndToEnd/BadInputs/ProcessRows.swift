import Glibc

extension BadInputSection {
  static let processes = BadInputSection(
    "Processes",
    [
      .prepare("media worker missing", 1, "-s", "photo.jpg")
        .variable("SWAPLINE_MEDIA", "/nowhere/swapline-media"),
      .prepare("media worker is another program (true)", 1, "-s", "photo.jpg")
        .variable("SWAPLINE_MEDIA", "/bin/true"),
      .prepare("media worker is another program (cat)", 1, "-s", "photo.jpg")
        .variable("SWAPLINE_MEDIA", "/bin/cat"),
      .prepare("media worker is a text file", 1, "-s", "photo.jpg")
        .variable("SWAPLINE_MEDIA", "prepare.yaml"),
      .at(.stuck, "Ctrl-C, and again while a task is waited for", 130).during {
        try await $0.untilAsked("GET /crun-stuck/api/v1/client/job/TaskInfo")
        $0.run.signal(SIGINT)
        try await $0.untilTold("waiting for 1 task")
        $0.run.signal(SIGINT)
      },
      .at(.busy, "SIGTERM while the provider takes nothing (429)", 130).during {
        try await $0.untilAsked("POST /crun-busy")
        $0.run.signal(SIGTERM)
      },
    ])
}
