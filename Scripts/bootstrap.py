"""A virtual environment with pinned packages for the scripts that compare and generate media."""

import os
import subprocess
import sys
import venv


def enter(root):
    """Goes on in the environment below .build, made when it is missing or older than its list."""
    folder = os.path.join(root, ".build/compare/venv")
    python = os.path.join(folder, "bin/python")
    listing = os.path.join(root, "Scripts/readers/requirements.txt")
    mark = os.path.join(folder, "made-from")
    if os.path.realpath(sys.prefix) == os.path.realpath(folder):
        return
    with open(listing) as file:
        wanted = file.read()
    if not os.path.exists(mark) or open(mark).read() != wanted:
        print("Installing Python packages into .build/compare/venv.", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "-r", listing], check=True)
        # A wheel that brings a libvips of its own: behind pyvips, whose build it replaces.
        subprocess.run([*pip, "--force-reinstall", "pyvips-binary==8.18.7"], check=True)
        with open(mark, "w") as file:
            file.write(wanted)
    os.execv(python, [python, *sys.argv])
