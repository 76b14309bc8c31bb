"""Networks built here and run as the original's were: their files hold what the original's hold, shared alike."""

from __future__ import annotations

from collections import deque

import lua_fields
import pytest
import t7_strict
from records import HERE, load

import nn
import rnn  # noqa: F401 (registers the classes of rnn and dpnn)
import torch7 as torch

BUILT = {
    "mlp": lambda: stacked(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3), nn.LogSoftMax()),
    "lenet": lambda: stacked(
        nn.SpatialConvolution(1, 3, 5, 5),
        nn.ReLU(),
        nn.SpatialMaxPooling(2, 2, 2, 2),
        nn.View(-1, 48),
        nn.Dropout(0.5),
        nn.Linear(48, 10),
        nn.LogSoftMax(),
    ),
    "resblock": lambda: stacked(
        nn.ConcatTable()
        .add(
            stacked(nn.SpatialConvolution(2, 2, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(2), nn.ReLU()),
        )
        .add(nn.Identity()),
        nn.CAddTable(),
    ),
    "dcgan": lambda: stacked(
        nn.SpatialFullConvolution(4, 6, 4, 4),
        nn.SpatialBatchNormalization(6),
        nn.ReLU(),
        nn.SpatialFullConvolution(6, 1, 4, 4, 2, 2, 1, 1),
        nn.Tanh(),
    ),
    "lm": lambda: nn.Sequencer(stacked(nn.LookupTable(9, 4), nn.LSTM(4, 5), nn.Linear(5, 9), nn.LogSoftMax())),
    "seqlstm": lambda: stacked(nn.SeqLSTM(4, 5), nn.SeqGRU(5, 3)),
    "tables": lambda: stacked(
        nn.ParallelTable().add(nn.Linear(3, 2)).add(nn.Linear(4, 2)), nn.JoinTable(2), nn.PReLU()
    ),
}


TYPES = dict.fromkeys(("lenet", "dcgan"), "torch.FloatTensor")


def stacked(*modules: nn.Module) -> nn.Sequential:
    sequential = nn.Sequential()
    for module in modules:
        sequential.add(module)
    return sequential


def tree(value: t7_strict.Object) -> tuple[dict[str, str], dict[str, set[str]]]:
    """The type of everything in a file by its path, and for every tensor's storage the paths that lead to it."""
    types: dict[str, str] = {}
    storages: dict[int, set[str]] = {}
    queue, seen = deque([("", value)]), set()
    while queue:
        path, v = queue.popleft()
        types[path] = lua_fields.described(v)
        if isinstance(v, t7_strict.Tensor) and v.storage:
            storages.setdefault(id(v.storage), set()).add(path)
        if isinstance(v, t7_strict.Object | t7_strict.Table) and id(v) not in seen:
            seen.add(id(v))
            queue += [(f"{path}.{key}", x) for key, x in sorted(v.fields.items(), key=str)]
    return types, {path: paths for paths in storages.values() for path in paths}


@pytest.mark.parametrize("form", ["", ".cleared"])
@pytest.mark.parametrize("record", load("t7"), ids=lambda r: r["name"])
def test_a_network_built_here_is_written_as_the_originals(record, form):
    network = BUILT[record["name"]]().type(TYPES.get(record["name"], "torch.DoubleTensor"))
    network.evaluate().forward(record["input"])
    if form:
        network.clearState()
    ours, mine = tree(t7_strict.read(torch.serialize(network)))
    lua, theirs = tree(t7_strict.read((HERE / f"{record['name']}{form}.t7").read_bytes()))
    wrong = {p: (ours.get(p), lua.get(p)) for p in ours.keys() | lua.keys() if not same(ours.get(p), lua.get(p))}
    for path in [
        p for p in wrong if ".input_map." in p
    ]:  # FlattenTable: Lua makes it anew for an input of another form
        del wrong[path]
    if form:  # what backward makes: after clearState we cannot tell that there was none; and sizes of the last output
        wrong = {p: pair for p, pair in wrong.items() if pair[1] or not pair[0].endswith("()")}
        wrong = {p: pair for p, pair in wrong.items() if not p.endswith(".size")}
    assert not wrong
    for path, paths in mine.items():
        assert paths <= theirs.get(path, {path}), path


def same(ours: str | None, lua: str | None) -> bool:
    """Of one type and, unless ours is empty, of one size."""
    if ours is None or lua is None:
        return ours is lua
    return ours == lua or (ours.endswith("()") and ours[:-2] == lua.partition("(")[0])
