"""The table of operations: all that THNN names are found, and nothing in the rooms is left out of it."""

import ast
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import nn
from nn import thnn
from nn.thnn import operation

ROOM = Path(thnn.__file__).parent
PACKAGES = ("nn", "rnn", "dpnn", "optim", "dataload", "torch7", "examples")

THNN = [
    "Abs",
    "AbsCriterion",
    "BCECriterion",
    "BatchNormalization",
    "ClassNLLCriterion",
    "DistKLDivCriterion",
    "ELU",
    "GRUFused",
    "GatedLinear",
    "HardShrink",
    "HardTanh",
    "IndexLinear",
    "L1Cost",
    "LSTMFused",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftMax",
    "LookupTable",
    "MSECriterion",
    "MarginCriterion",
    "MultiLabelMarginCriterion",
    "MultiMarginCriterion",
    "PReLU",
    "RReLU",
    "Sigmoid",
    "SmoothL1Criterion",
    "SoftMarginCriterion",
    "SoftMax",
    "SoftPlus",
    "SoftShrink",
    "SparseLinear",
    "SpatialAdaptiveAveragePooling",
    "SpatialAdaptiveMaxPooling",
    "SpatialAveragePooling",
    "SpatialClassNLLCriterion",
    "SpatialConvolutionLocal",
    "SpatialConvolutionMM",
    "SpatialConvolutionMap",
    "SpatialCrossMapLRN",
    "SpatialDepthwiseConvolution",
    "SpatialDilatedConvolution",
    "SpatialDilatedMaxPooling",
    "SpatialFractionalMaxPooling",
    "SpatialFullConvolution",
    "SpatialFullConvolutionMap",
    "SpatialFullDilatedConvolution",
    "SpatialMaxPooling",
    "SpatialMaxUnpooling",
    "SpatialReflectionPadding",
    "SpatialReplicationPadding",
    "SpatialSubSampling",
    "SpatialUpSamplingBilinear",
    "SpatialUpSamplingNearest",
    "Sqrt",
    "Square",
    "Tanh",
    "TemporalConvolution",
    "TemporalMaxPooling",
    "TemporalReflectionPadding",
    "TemporalReplicationPadding",
    "TemporalRowConvolution",
    "TemporalSubSampling",
    "TemporalUpSamplingLinear",
    "TemporalUpSamplingNearest",
    "Threshold",
    "VolumetricAveragePooling",
    "VolumetricConvolution",
    "VolumetricConvolutionMM",
    "VolumetricDilatedConvolution",
    "VolumetricDilatedMaxPooling",
    "VolumetricFractionalMaxPooling",
    "VolumetricFullConvolution",
    "VolumetricFullDilatedConvolution",
    "VolumetricMaxPooling",
    "VolumetricMaxUnpooling",
    "VolumetricReplicationPadding",
    "VolumetricUpSamplingNearest",
    "VolumetricUpSamplingTrilinear",
]


@cache
def files():
    """File of every room of operations -> the entries it defines."""
    found = {}
    for room in operation.OPERATIONS:
        for path in sorted((ROOM / room.replace(".", "/")).glob("*.py")):
            if path.stem.endswith("_cuda"):
                continue
            names = [n.name for n in ast.parse(path.read_text()).body if isinstance(n, ast.FunctionDef)]
            found[room, path.stem] = [n for n in names if n.partition("_")[0] in operation._PLACES]
    return found


@pytest.mark.parametrize("name", THNN)
def test_every_operation_of_thnn_is_found(name):
    place = operation.module_of(name)
    own = operation.SAME_AS.get(name, name)
    entries = [entry for _, entries in files().items() for entry in entries if entry.partition("_")[0] == own]
    assert entries
    found = getattr(thnn, entries[0].replace(own, name, 1))
    assert found.__module__ == place


def test_the_table_names_what_the_files_define():
    defined = {place: {entry.partition("_")[0] for entry in entries} for place, entries in files().items()}
    table = {(room, file): set(names) for room, files in operation.OPERATIONS.items() for file, names in files.items()}
    assert {place: names for place, names in defined.items() if names} == table


def test_every_entry_is_loaded_from_its_file():
    for (room, file), entries in files().items():
        for entry in entries:
            assert getattr(thnn, entry).__module__ == f"nn.thnn.{room}.{file}"


def test_a_name_that_is_no_operation():
    with pytest.raises(AttributeError, match="no operation 'Soft'"):
        thnn.Soft_updateOutput
    assert not hasattr(thnn, "Tanh_updateEverything")


def test_an_entry_chooses_by_the_first_array():
    entry = operation.Operation("Tanh_updateOutput")
    x, y = np.array([0.0, 1.0]), np.empty(2)
    entry(x, y)
    assert np.allclose(y, np.tanh(x))
    assert operation._kind([(), [x]]) is np.ndarray and operation._kind(3) is int


def test_no_name_is_put_together_at_run_time():
    root = Path(nn.__file__).parents[1]
    for package in PACKAGES:
        for path in (root / package).rglob("*.py"):
            assert "getattr(thnn" not in path.read_text(), path


def test_contiguous_gives_what_kernels_and_layers_take():
    """Layers compare types by identity, which NumPy keeps only for its own dtype objects."""
    for x in (np.ones((2, 3), ">f4"), np.ones((2, 3), np.float32).T, np.ones((2, 3), ">i8"), np.ones((2, 6))[:, ::2]):
        y = thnn.contiguous(x)
        assert y.flags.carray and y.dtype.isnative and y.dtype is np.dtype(y.dtype.type) and np.array_equal(x, y)
    assert thnn.contiguous(y) is y
