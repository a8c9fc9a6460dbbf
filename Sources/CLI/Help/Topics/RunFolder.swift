import Files
import Pipelines
import Runs

extension HelpPage {
  static let runFolder = HelpPage(
    "run-folder", .topic, "What a run leaves in its folder.",
    [
      .table([
        ("ITEM/", "One folder for each item, with its scene, face, result and renditions."),
        (
          "ITEM/asset.json",
          "Every measured fact of the item, every change with its reason, and its price."
        ),
        (
          RunFolder.report,
          "What the run was to do and what became of it: counts, errors, credits, seconds."
        ),
        (RunFolder.failures, "The items that failed, in the form that `--items` takes."),
        (
          RunFolder.done,
          "That a shard is done, with its counts: `run --shard` writes it last, into the shard's folder `K-of-N/`."
        ),
        (RunFolder.page, "A page to review the items; open it in a browser."),
        (".swapline/", "The ledger, work files and the lock. Deleting it forgets what was paid."),
      ]),
      .text(
        "Running the same command again continues where it stopped. `swapline cache` removes old work "
          + "files, `swapline purge` the media of a run; both keep the ledger."),
    ])
}
