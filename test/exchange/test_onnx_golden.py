"""Every recorded module of the original through ONNX Runtime: what is exported is right, what is not is counted."""

from collections import Counter

import pytest
import records
import replay
from onnx_cases import flat, larger, narrow
from runtimes import agree, check, follows_the_batch, run

import dpnn  # noqa: F401
import nngraph  # noqa: F401
import rnn  # noqa: F401
import torch7 as torch
import torch7.onnx

#: How many records of a group are refused by which words; all others are exported and right.
COUNTS: dict[str, dict[str, int]] = {
    "simple": {
        "nn.IndexLinear": 6,
        "nn.MaskedSelect": 2,
        "nn.SparseLinear": 4,
    },
    "transfer": {},
    "containers": {
        "input: a table with names is no input of an ONNX file": 2,
    },
    "convolution": {},
    "stochastic": {
        "nn.SpatialFractionalMaxPooling": 4,
        "nn.VolumetricFractionalMaxPooling": 2,
    },
    "nngraph": {},
    "dpnn": {
        "nn.SpatialGlimpse": 4,
    },
    "rnn": {},
}
SAMPLES = ("nn.Linear", "nn.SpatialConvolution", "nn.Sequential", "nn.LogSoftMax", "nn.SpatialMaxPooling")


def of(group):
    found = records.graphs() if group == "nngraph" else records.load(group)
    return [r for r in found if not r.get("criterion")]


def exported(record):
    """The module and its model; the words of the refusal instead of the latter."""
    torch.manualSeed(record["seed"])
    module = replay.build(record)
    try:
        return module, torch.onnx.export(module, record["input"])
    except torch.onnx.NotExportable as error:
        return module, str(error).partition(" (at ")[0]


@pytest.mark.parametrize("group", list(COUNTS))
def test_group(group, recwarn):
    refused = Counter()
    for record in of(group):
        module, model = exported(record)
        if isinstance(model, str):
            refused[model] += 1
            continue
        check(module, record["input"], model)
        if record.get("mode") == "evaluate":
            recorded = [b.reshape(a.shape) for a, b in zip(run(model, record["input"]), flat(narrow(record["output"])))]
            agree(run(model, record["input"]), recorded)
        if follows_the_batch(model) and record["class"] in SAMPLES:
            check(module, larger(record["input"]), model)
    assert dict(refused) == COUNTS[group]
