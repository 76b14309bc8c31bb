"""The sequence-to-sequence example learns to reverse."""

import runpy
from pathlib import Path

import torch7 as torch

EXAMPLE = Path(__file__).parents[2] / "examples" / "reverse_sequences.py"


def test_it_reverses_most_sequences(capsys):
    try:
        right = runpy.run_path(str(EXAMPLE))["main"](["--length", "4", "--iterations", "300"])
    finally:
        torch.setdefaulttensortype("torch.DoubleTensor")
    assert right > 0.8
    assert "reversed" in capsys.readouterr().out
