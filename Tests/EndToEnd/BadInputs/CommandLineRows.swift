extension BadInputSection {
  static let commandLine = BadInputSection(
    "Command line",
    [
      .command("unknown command", 2, "rum"),
      .command("unknown option", 2, "run", "prepare.yaml", "--scenes", "a.jpg"),
      .command("option without its value", 2, "run", "prepare.yaml", "--scene"),
      .command("no pipeline named", 2, "run"),
      .prepare("--workers 0", 2, "-s", "photo.jpg", "--workers", "0"),
      .prepare("--set without =", 2, "-s", "photo.jpg", "--set", "thumbnails.format"),
      .prepare("--set of an unknown stage", 2, "-s", "photo.jpg", "--set", "thumbnail.format=png"),
      .prepare(
        "--set of an unknown parameter", 2, "-s", "photo.jpg", "--set", "thumbnails.formats=png"),
      .prepare("--set of a bad value", 2, "-s", "photo.jpg", "--set", "thumbnails.format=tiff"),
      .prepare("--set with broken YAML", 2, "-s", "photo.jpg", "--set", "thumbnails.sides=[1,"),
      .prepare("--set with nothing", 2, "-s", "photo.jpg", "--set", "thumbnails.sides="),
      .swap(
        "--public-url that is none", 2, "-s", "photo.jpg", "-f", "photo.jpg", "--public-url",
        "nonsense"),
      .prepare(
        "--ledger with a password in it", 2, "-s", "photo.jpg", "--ledger",
        "postgres://shop:secret@127.0.0.1/shop"),
      .prepare(
        "--ledger with a parameter that there is none of", 2, "-s", "photo.jpg", "--ledger",
        "postgres://127.0.0.1/shop?colour=blue"),
      .command(
        "ledger: nobody answers", 1, "ledger", "--ledger", "postgres://shop@127.0.0.1:1/shop"),
      .prepare(
        "--shard that there is none of", 2, "-s", "photo.jpg", "--run", "a", "--shard", "4/3"),
      .prepare("--shard counted from 0", 2, "-s", "photo.jpg", "--run", "a", "--shard", "0/3"),
      .prepare("--shard without --run", 2, "-s", "photo.jpg", "--shard", "1/3"),
      .prepare("--run with a blank", 2, "-s", "photo.jpg", "--run", "a b"),
      .prepare(
        "--max-cost that each shard could spend", 2, "-s", "photo.jpg", "--run", "a", "--shard",
        "1/3", "--max-cost", "5"),
      .prepare(
        "--shard with a number in --name", 2, "-s", "photo.jpg", "--run", "a", "--shard", "1/3",
        "--name", "{index}"),
      .command(
        "split: a list that is missing", 2, "split", "--items", "nowhere.csv", "--shards", "2",
        "--out", "parts"),
      .command(
        "split: no parts", 2, "split", "--items", "photo.jpg", "--shards", "0", "--out", "parts"),
      .command(
        "split: no list", 2, "split", "--items", "photo.jpg", "--shards", "2", "--out", "parts"),
      .command("merge: a folder without shards", 2, "merge", "."),
      .command("ledger: --migrate of a file", 2, "ledger", "--migrate", "--ledger", "a.sqlite"),
      .command(
        "status: nobody answers", 1, "status", "--ledger", "postgres://shop@127.0.0.1:1/shop"),
      .command("status: no run's folder", 2, "status", "--out", "nowhere"),
      .prepare(
        "--results at a server of the web", 2, "-s", "photo.jpg", "--results", "https://127.0.0.1/a"
      ),
      .prepare("--metrics-port that is none", 2, "-s", "photo.jpg", "--metrics-port", "many"),
      .serve("serve: --store that is a file", 2, "--store", "tasks.sqlite"),
      .serve(
        "serve: --store with a password in it", 2, "--store",
        "postgres://shop:secret@127.0.0.1/shop"
      ).never("secret"),
      .serve(
        "serve: --store where nobody answers", 1, "--store", "postgres://shop@127.0.0.1:1/shop"),
      .serve("serve: --migrate without a store", 2, "--migrate"),
      .serve("serve: --lease of nothing", 2, "--lease", "0s"),
      .serve("serve: key file missing", 2, "--port", "0", "--keys", "nowhere.txt"),
      .serve("serve: key file broken", 2, "--port", "0", "--keys", "keys.txt")
        .file("keys.txt", .text("ak_one 5\nak_two many\n")),
      .serve("serve: an engine without a model", 2, "--port", "0", "--engine", "embedder: a.onnx"),
      .serve("serve: an engine without an embedder", 2, "--port", "0", "--engine", "model: a.onnx"),
      .serve(
        "serve: an engine whose files are missing", 1, "--port", "0", "--engine",
        "model: a.onnx, embedder: b.onnx"),
      .command("doctor: a network without inputs", 2, "doctor", "--model", "photo.jpg"),
      .command(
        "doctor: a network that is missing", 1, "doctor", "--model", "a.onnx", "--input", "a.npy",
        "--expect", "b.npy"),
      .command(
        "doctor: an input that is no array", 1, "doctor", "--model", "photo.jpg", "--input",
        "photo.jpg", "--expect", "photo.jpg"),
      .serve("serve: port taken", 2, "--port", "{port}"),
      .serve("serve: data is a file", 1, "--port", "0", "--data", "photo.jpg"),
    ])
}

extension BadInput {
  fileprivate static func serve(_ label: String, _ code: Int32, _ words: String...) -> BadInput {
    let data = words.contains("--data") ? [] : ["--data", "data"]
    return BadInput(label, code, ["{swapline}", "serve"] + words + data)
  }
}
