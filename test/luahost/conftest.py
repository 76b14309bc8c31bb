"""Programs run in children that one process with the library forks, so that it is not loaded anew for each of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Forks:
    """``subprocess.run`` for Python programs without input; other calls start processes as ever."""

    def __init__(self, folder):
        self.folder, self.start = folder, subprocess.run
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, str(Path(__file__).with_name("forking.py"))]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.server = subprocess.Popen(command, env=environment, **pipes)

    def run(self, command, **options):
        if command[0] != sys.executable or "input" in options or not options.get("capture_output"):
            return self.start(command, **options)
        files = [self.folder / name for name in ("stdout", "stderr")]
        job = {
            "arguments": [str(a) for a in command[1:]],
            "folder": str(options.get("cwd") or os.getcwd()),
            "environment": {**(options.get("env") or os.environ)},
            "files": [str(file) for file in files],
        }
        self.server.stdin.write(json.dumps(job) + "\n")
        self.server.stdin.flush()
        code = int(self.server.stdout.readline())
        found = [file.read_bytes() for file in files]
        if options.get("text"):
            found = [part.decode() for part in found]
        return subprocess.CompletedProcess(command, code, *found)

    def end(self):
        self.server.communicate()


@pytest.fixture(scope="session")
def forks(tmp_path_factory):
    forks = Forks(tmp_path_factory.mktemp("forks"))
    yield forks
    forks.end()


@pytest.fixture(autouse=True)
def _children_are_forked(forks, monkeypatch):
    monkeypatch.setattr(subprocess, "run", forks.run)
