"""``python -m benchmarks [NAME ...]``: run all workloads, or the named ones, each in a process of its own."""

import subprocess
import sys
from pathlib import Path

HELPERS = {
    "__init__",
    "__main__",
    "timing",
    "workloads",
    "networks",
    "old_torch",
    "results",
    "layers",
    "pytorch_layers",
}
HELPERS |= {"ruler", "ruler_inputs", "ruler_shapes", "whole", "contests", "resident", "check", "growth_layers"}


def names() -> list[str]:
    """The workloads: every module beside this file."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)


def main(chosen: list[str]) -> int:
    unknown = set(chosen) - set(names())
    if unknown:
        print(f"no workload is called {', '.join(sorted(unknown))}; there are {', '.join(names())}")
        return 2
    failed = [name for name in chosen or names() if run(name)]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def run(name: str) -> int:
    print(f"== {name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
