"""The folder that samples go to, with what each one stands for."""

import json
import os


class Folder:
    """Writes files named after their variant and remembers the variant in manifest.json."""

    def __init__(self, path):
        self.path = path
        self.manifest = {}

    def name(self, family, extension, **variant):
        """The path for a new sample of `family`."""
        words = [f"{key}={value}" for key, value in variant.items()]
        stem = ",".join(words).replace("/", "-").replace(" ", "") or "plain"
        relative = f"{family}/{stem}.{extension}"
        if relative in self.manifest:
            raise ValueError(f"two samples are called {relative}")
        os.makedirs(os.path.join(self.path, family), exist_ok=True)
        self.manifest[relative] = {"family": family, **{k: str(v) for k, v in variant.items()}}
        return os.path.join(self.path, relative)

    def add(self, family, extension, data, **variant):
        """Writes the bytes of a new sample."""
        with open(self.name(family, extension, **variant), "wb") as file:
            file.write(data)

    def close(self):
        """Writes the manifest, without the samples that no encoder could make."""
        made = {k: v for k, v in self.manifest.items() if os.path.exists(os.path.join(self.path, k))}
        with open(os.path.join(self.path, "manifest.json"), "w") as file:
            json.dump(made, file, indent=0, sort_keys=True)
        return len(made)
