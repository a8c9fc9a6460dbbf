import Providers

extension HelpPage {
  static let environment = HelpPage(
    "environment", .topic, "The environment variables that are read.",
    [
      .table(
        ProviderDescriptor.all.map { ($0.keyVariable, "The API key of \($0.title).") } + [
          (
            "SWAPLINE_MEDIA",
            "The program that does media work, instead of the installed `swapline-media`."
          ),
          ("SWAPLINE_MODELS", "A folder with the local engine's networks."),
          (
            "XDG_DATA_HOME",
            "The user's data folder, where the networks are looked for; default `~/.local/share`."
          ),
          ("TMPDIR", "Where temporary files go; default `/tmp`."),
          ("NO_COLOR", "Not empty: no colours."),
          ("TERM", "`dumb`: no colours, and nothing is redrawn."),
        ]),
      .text(
        "Hosts name variables of their own in the pipeline file: see `swapline help pipeline-file`."
      ),
    ])
}
