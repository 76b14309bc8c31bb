"""What we write holds for Lua what its own objects hold: the same fields of the same types, and no other sharing."""

from __future__ import annotations

import functools
import re
import warnings
from typing import Any

import lua_fields
import pytest
import t7_strict
from records import load
from replay import construct

import nn
import rnn  # noqa: F401 (registers the classes of rnn and dpnn)
import torch7 as torch

GROUPS = ["simple", "transfer", "convolution", "containers", "criterion", "dpnn", "rnn", "stochastic"]

# Fields of recorded objects that ours may lack, and why.
LACKING = {
    ("nn.Serial", "cleared"): {"dpnn_typename"},  # Lua's clone goes through a file, which names the class
    ("nn.Cosine", "cleared"): {"__norm"},  # of an input of one dimension; Lua sets it at every forward
    ("nn.SpatialDivisiveNormalization", "cleared"): {"_coef"},  # of a batch; Lua makes it at every forward
}
# Fields that ours may have beyond those of a record, and why.
MORE = {
    ("nn.IndexLinear", "after backward"): {"lkeys", "lvalues"},  # of a batch in tables; Lua empties them first
    ("nn.Cosine", "cleared"): {"_sum"},  # of a batch; Lua makes it anew
    ("nn.WeightedEuclidean", "cleared"): {"_sum"},
    ("nn.Euclidean", "cleared"): {"_sum"},
}
# Sizes that ours have and Lua's do not, and why.
OTHER_SIZES = {
    ("nn.Add", "_ones"),  # Lua makes them anew for a batch of another size
    ("nn.Cosine", "_inputNorm"),  # of an input of one dimension Lua keeps a number
    ("nn.PairwiseDistance", "diff"),  # of a pair of vectors Lua keeps none
    ("nn.SpatialSubtractiveNormalization", "coef"),  # of a batch Lua expands them, after a look at their dimensions
    ("nn.SpatialDivisiveNormalization", "coef"),
    ("nn.SeqLSTM", "grad_x"),  # with batchfirst ours has the steps first
    ("nn.SeqGRU", "grad_x"),
    ("nn.MixtureTable", "size"),  # set where batchSize changes, which we write as 0
}


@functools.cache
def recorded() -> dict[tuple[str, str], list[dict]]:
    """The records of the original for each class and state."""
    held: dict[tuple[str, str], list[dict]] = {}
    for r in lua_fields.records():
        held.setdefault((r["class"], r["state"]), []).append(r)
    return held


def cases() -> list[Any]:
    """Every record; of Sequencers, which are large, some."""
    records = [(f"{g}-{i}-{r['class']}", r) for g in GROUPS for i, r in enumerate(load(g))]
    sequencers = [name for name, _ in records if name.endswith("Sequencer")][6:]
    return [pytest.param(r, id=name) for name, r in records if name not in sequencers]


def lived(r: dict) -> list[tuple[str, Any]]:
    """The states of the object that a record describes, in order: what was recorded of them."""
    torch.manualSeed(r["seed"])
    new = construct({**r, "type": None}, {})
    if r.get("gradOutput") is None:
        return [("new", new)]
    held = used(r)
    return [("new", new), ("after backward", held), ("cleared", held.clone().clearState())]


def used(r: dict) -> Any:
    torch.manualSeed(r["seed"])
    module = getattr(construct(r, {}), r["mode"])()
    torch.manualSeed(r["seed"] + 1)
    module.forward(r["input"])
    torch.manualSeed(r["seed"] + 3)
    module.backward(r["input"], r["gradOutput"], r.get("scale", 1))
    return module


def differences(name: str, state: str, ours: tuple[dict, list], lua: dict) -> list[str]:
    """Where fields, types, sizes or sharing of ours are not those of a record."""
    fields, pairs = ours
    lacking, more = LACKING.get((name, state), set()), MORE.get((name, state), set())
    wrong = [f"{f} is not Lua's" for f in fields.keys() - lua["fields"].keys() - more]
    wrong += [f"{f} lacks" for f in lua["fields"].keys() - fields.keys() - lacking]
    for f in fields.keys() & lua["fields"].keys():
        if not same_type(fields[f], lua["fields"][f], state, (name, f) in OTHER_SIZES):
            wrong.append(f"{f} is {fields[f]}, Lua's is {lua['fields'][f]}")
    heads = groups(lua["one storage"])
    wrong += [f"{a} and {b} share" for a, b in pairs if heads.get(a, a) != heads.get(b, b)]
    return wrong


def same_type(ours: str, lua: str, state: str, any_size: bool) -> bool:
    """Of one type and, in new objects, of one size; later a buffer may be empty: Lua's next forward fills it."""
    ours_type, lua_type = ours.partition("(")[0], lua.partition("(")[0]
    empty = state != "new" and re.search(r"\(0?\)$", ours)
    return ours == lua or (ours_type == lua_type and bool(empty or any_size))


def groups(pairs: list) -> dict[str, str]:
    return {f: a for a, b in pairs for f in (a, b)}


@pytest.mark.parametrize("r", cases())
def test_every_class_in_every_state(r):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        states = lived(r)
    for state, obj in states:
        candidates = recorded().get((r["class"], state), [])
        if not candidates:
            continue  # the original could not do this
        ours = lua_fields.held(obj)
        found = [differences(r["class"], state, ours, lua) for lua in candidates]
        assert not min(found, key=len), f"{state}: {min(found, key=len)}"


BASE, CRITERION = "_type output gradInput", "output gradInput"
STEPS = f"{BASE} modules rho step outputs gradInputs gradOutputs _gradOutputs sharedClones"
REWARD = f"{CRITERION} module scale criterion sizeAverage"


def reinforced(criterion):
    return criterion(nn.ReinforceNormal(1.0))


# Registered classes that no record holds, and fields that Lua's constructors give them.
UNLISTED = {
    "nn.Module": (nn.Module, BASE),
    "nn.Container": (nn.Container, f"{BASE} modules"),
    "nn.Criterion": (nn.Criterion, CRITERION),
    "nn.AbstractRecurrent": (lambda: nn.AbstractRecurrent(5), STEPS),
    "nn.AbstractSequencer": (nn.AbstractSequencer, f"{BASE} modules"),
    "nn.BinaryClassReward": (lambda: reinforced(nn.BinaryClassReward), REWARD),
    "nn.VRClassReward": (lambda: reinforced(nn.VRClassReward), REWARD),
    "nn.FeatureLPPooling": (lambda: nn.FeatureLPPooling(2, 1, 2, True), f"{BASE} width stride power batch_mode"),
    "nn.GPU": (lambda: nn.GPU(nn.Linear(2, 2), 1), f"{BASE} modules device outdevice"),
    "nn.LayerNormalization": (lambda: nn.LayerNormalization(3), f"{BASE} modules"),
    "nn.NCECriterion": (nn.NCECriterion, f"{CRITERION} sizeAverage"),
    "nn.NCEModule": (
        lambda: nn.NCEModule(3, 4, 2, torch.ones(4)),
        f"{BASE} weight bias gradWeight gradBias k unigrams Z batchnoise aliasmultinomial",
    ),
    "nn.NormStabilizer": (nn.NormStabilizer, f"{STEPS} beta norms recurrentModule"),
    "nn.PrintSize": (nn.PrintSize, f"{BASE} prefix"),
    "nn.Recurrent": (
        lambda: nn.Recurrent(2, nn.Linear(2, 2), nn.Linear(2, 2)),
        f"""{STEPS} startModule inputModule feedbackModule transferModule mergeModule initialModule
        recurrentModule""",
    ),
    "nn.Reinforce": (nn.Reinforce, BASE),
    "nn.ReinforceGamma": (lambda: nn.ReinforceGamma(2), f"{BASE} scale"),
    "nn.SpatialMaxUnpooling": (lambda: nn.SpatialMaxUnpooling(nn.SpatialMaxPooling(2, 2)), f"{BASE} pooling"),
    "nn.VolumetricMaxUnpooling": (
        lambda: nn.VolumetricMaxUnpooling(nn.VolumetricMaxPooling(2, 2, 2)),
        f"{BASE} pooling",
    ),
    "nn.LSTM": (lambda: nn.LSTM(2, 3), "cells gradCells zeroTensor inputGate outputs sharedClones recurrentModule"),
    "nn.FastLSTM": (lambda: nn.FastLSTM(2, 3), "cells gradCells zeroTensor i2g o2g eps momentum recurrentModule"),
    "nn.GRU": (lambda: nn.GRU(2, 3), "cells gradCells zeroTensor i2g o2g p mono outputs gradOutputs _gradOutputs"),
    "nn.MuFuRu": (lambda: nn.MuFuRu(2, 3), "cells gradCells zeroTensor ops num_ops recurrentModule rho step"),
    "nn.Recursor": (lambda: nn.Recursor(nn.Linear(2, 2)), "module modules recurrentModule sharedClones rho step"),
    "nn.Recurrence": (
        lambda: nn.Recurrence(nn.JoinTable(1), 3, 1),
        "module modules recurrentModule outputSize nInputDim typeTensor rho",
    ),
    "nn.RecurrentAttention": (
        lambda: nn.RecurrentAttention(nn.Linear(2, 2), nn.Linear(2, 2), 2, [2]),
        "rnn action modules nStep hiddenSize forwardActions gradHidden actions output",
    ),
}

# Those whose other fields are not written down here: the cells, which hold the modules of their gates.
PARTLY = ["nn.LSTM", "nn.FastLSTM", "nn.GRU", "nn.MuFuRu", "nn.Recursor", "nn.Recurrence", "nn.RecurrentAttention"]


def test_every_registered_class_is_held_to_a_record_or_a_line():
    classes = {
        f"nn.{name}"
        for name, value in vars(nn).items()
        if isinstance(value, type)
        and issubclass(value, nn.Module | nn.Criterion)
        and value.__module__.startswith(("nn.", "rnn.", "dpnn."))
    }
    assert classes - {"nn.Frozen"} == {name for name, _ in recorded()} | set(UNLISTED)  # it is never written


@pytest.mark.parametrize("name", UNLISTED)
def test_classes_without_a_record(name):
    make, wanted = UNLISTED[name]
    fields, pairs = lua_fields.held(make())
    assert set(wanted.split()) <= set(fields) and not pairs
    assert name in PARTLY or set(wanted.split()) == set(fields)
    assert name != "nn.Recurrence" or fields["outputSize"] == "table"


def test_tables_of_buffers_hold_tensors_of_their_own():
    for obj, counts in (
        (nn.NCEModule(3, 4, 2, torch.ones(4)), {"output": 4, "gradInput": 2}),
        (nn.NCECriterion(), {"gradInput": 4}),
        (reinforced(nn.VRClassReward), {"gradInput": 2}),
    ):
        fields = t7_strict.read(torch.serialize(obj)).fields
        for name, count in counts.items():
            assert [lua_fields.described(x) for _, x in fields[name].pairs] == ["torch.DoubleTensor()"] * count


def test_a_module_of_noise_contrastive_estimation_says_how_it_draws():
    module = nn.NCEModule(3, 4, 2, torch.ones(4))
    for batchnoise in (True, False):
        module.batchnoise = batchnoise
        for held in (module, module.clone().clearState()):
            fields = t7_strict.read(torch.serialize(held)).fields
            assert fields["batchnoise"] is batchnoise and "addBuffer" not in fields
