import re
from itertools import islice

import numpy as np
from records import load

import dataload as dl
import torch7 as torch


def batches(iterator, n=None):
    return [[k, x.copy(), y.copy()] for k, x, y in islice(iterator, n)]


def tensor_loader(shuffled):
    targets = np.arange(1.0, len(shuffled) + 1)
    return dl.TensorLoader(np.broadcast_to(targets[:, None], shuffled.shape).copy(), targets)


def numbers(name):
    return [float(x) if "." in x else int(x) for x in re.search(r"\((?!1\.\.)([\d.,]+)\)$", name)[1].split(",")]


def replay(record, loaders):
    name = record["name"]
    if name.startswith("MultiSequence"):
        loader = dl.MultiSequence(record["sequences"], int(re.search(r", (\d+)\)", name)[1]))
        return batches(loader.subiter(*numbers(name)), len(record["result"]))
    if name.startswith("SequenceLoader bidirectional"):
        loader = dl.SequenceLoader(loaders["sequence"], loaders["columns"], True)
        return list(loader.sub(*numbers(name)))
    if name.startswith("SequenceLoader"):
        length, columns = map(int, re.search(r"1\.\.(\d+), (\d+)", name).groups())
        loaders["sequence"], loaders["columns"] = np.arange(1, length + 1), columns
        loader = dl.SequenceLoader(loaders["sequence"], columns)
        return list(loader.sub(*numbers(name))) if " sub(" in name else batches(loader.subiter(*numbers(name)))
    loader = loaders["tensor"]
    if "iter" in name:
        return batches(getattr(loader, name.split()[1].split("(")[0])(*numbers(name)))
    if "split" in name:
        parts = loader.split(*numbers(name))
        return [*(part.size() for part in parts), *(part.inputs for part in parts)]
    loader.shuffle()
    return [loader.inputs, loader.targets]


def test_replays_what_the_original_did():
    records = load("dataload")
    shuffled = next(r["result"][0] for r in records if r["name"].endswith("shuffle"))
    loaders = {"tensor": tensor_loader(shuffled)}
    for record in records:
        if "seed" in record:
            torch.manualSeed(record["seed"])
        assert_same(replay(record, loaders), record["result"], record["name"])


def assert_same(got, expected, name):
    if isinstance(expected, list):
        assert len(got) == len(expected), name
        for a, b in zip(got, expected):
            assert_same(a, b, name)
    else:
        assert np.shape(got) == np.shape(expected), name
        np.testing.assert_array_equal(got, expected, err_msg=name)
        assert np.asarray(got).dtype == np.asarray(expected).dtype, name


def test_a_recorded_epoch_goes_on_where_the_last_one_stopped():
    loader = dl.TensorLoader(np.arange(1, 6), np.arange(1, 6))
    seen = [[(k, x.tolist()) for k, x, _ in loader.subiter(2, size)] for size in (6, None)]
    assert seen[0] == [(2, [1, 2]), (4, [3, 4]), (5, [5]), (6, [1])]
    assert seen[1] == [(2, [2, 3]), (4, [4, 5]), (5, [1])]
