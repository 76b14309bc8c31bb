"""The house of the kernels, counted: narrow functions, flat loops, named arguments, small rooms, imports one way."""

import ast
from importlib.util import resolve_name
from pathlib import Path

import pytest

from nn import thnn

ROOT = Path(thnn.__file__).parent
PACKAGE = thnn.__name__
FILES = sorted(p for p in ROOT.rglob("*.py"))
CHAPTERS = ("transfer", "simple", "convolution", "criterion", "rnn", "dpnn")
#: Who may import whom: a room, those with a smaller number.
FLOORS = {"cpu.runtime": 0, "cpu.simd": 1, "cpu.gemm": 2, "cpu.conv": 3, **dict.fromkeys(CHAPTERS, 4)}
BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)
MOST_PARAMETERS, MOST_LEVELS, MOST_FILES = 8, 3, 12

#: Functions that may have more parameters: operands of one instruction, and entries whose arguments are THNN's own.
WIDE = {
    "convolution.spatial_average_pooling.SpatialAveragePooling_updateGradInput",
    "convolution.spatial_average_pooling.SpatialAveragePooling_updateOutput",
    "convolution.spatial_dilated_max_pooling.SpatialDilatedMaxPooling_updateOutput",
    "convolution.spatial_max_pooling.SpatialMaxPooling_updateOutput",
    "convolution.spatial_sub_sampling.SpatialSubSampling_accGradParameters",
    "cpu.gemm.microkernel.tile",
    "rnn.panels.panel_product",
    "rnn.seq_gru.SeqGRU_updateGradInput",
    "rnn.seq_lstm.SeqLSTMP_updateGradInput",
    "rnn.seq_lstm.SeqLSTMP_updateOutput",
    "rnn.seq_lstm.SeqLSTM_updateOutput",
    "simple.batch_normalization.BatchNormalization_backward",
    "simple.index_linear.IndexLinear_updateOutput",
}
#: Functions that are wider than they should be; no others may join them.
STILL_WIDE = {
    "convolution.spatial_adaptive_pooling._scatter_planes",
    "convolution.spatial_average_pooling._backward",
    "convolution.spatial_average_pooling._backward_plane",
    "convolution.spatial_average_pooling._backward_rows",
    "convolution.spatial_average_pooling._forward",
    "convolution.spatial_average_pooling._forward_plane",
    "convolution.spatial_average_pooling._forward_rows",
    "convolution.spatial_average_pooling._spread_many",
    "convolution.spatial_average_pooling._sum_many",
    "convolution.spatial_cross_map_lrn._gradient",
    "convolution.spatial_cross_map_lrn._normalise",
    "convolution.spatial_dilated_max_pooling._pool",
    "convolution.spatial_dilated_max_pooling._pool_plane",
    "convolution.spatial_max_pooling._pool",
    "convolution.spatial_max_pooling._pool_many",
    "convolution.spatial_max_pooling._pool_plane",
    "convolution.spatial_sub_sampling._accumulate",
    "convolution.up_sampling_linear._forward",
    "convolution.up_sampling_linear._interpolate",
    "convolution.volumetric_pooling._best_many",
    "cpu.conv.channels_first._outputs",
    "cpu.conv.winograd_weight._transform",
    "criterion.cosine_embedding_criterion._gradient",
    "criterion.cosine_embedding_criterion._gradient_parallel",
    "criterion.cross_entropy_criterion._gradient",
    "criterion.multi_margin_criterion._gradient",
    "dpnn.nce_module._accumulate",
    "dpnn.nce_module._scores",
    "dpnn.nce_module._scores_parallel",
    "dpnn.nce_module.sum_of_rows",
    "simple.batch_normalization._backward",
    "simple.batch_normalization._backward_columns",
    "simple.batch_normalization._backward_parallel",
    "simple.batch_normalization._backward_planes",
    "simple.batch_normalization._forward",
    "simple.batch_normalization._forward_parallel",
    "simple.batch_normalization._plane_sums",
    "simple.euclidean._weighted_gradients",
    "simple.index_linear._forward",
}
#: Functions whose loops are deeper than they should be; no others may join them.
STILL_DEEP = {
    "convolution.axes_gather._scatter_plane",
    "convolution.box_sums.add_to_rows",
    "convolution.fractional_max_pooling._best",
    "convolution.fractional_max_pooling._pool",
    "convolution.spatial_adaptive_pooling._max_plane",
    "convolution.spatial_adaptive_pooling._scatter_planes",
    "convolution.spatial_average_pooling._backward_plane",
    "convolution.spatial_average_pooling._forward_plane",
    "convolution.spatial_dilated_max_pooling._pool_plane",
    "convolution.spatial_sub_sampling._add_windows",
    "convolution.spatial_sub_sampling._product",
    "convolution.spatial_sub_sampling._spread",
    "convolution.temporal_max_pooling._pool_sequence",
    "convolution.temporal_max_pooling._scatter",
    "convolution.temporal_row_convolution._accumulate",
    "convolution.temporal_row_convolution._accumulate_frames",
    "convolution.temporal_sub_sampling._accumulate",
    "convolution.up_sampling_linear._spread",
    "convolution.volumetric_pooling._best",
    "convolution.volumetric_pooling._best_many",
    "convolution.volumetric_pooling._gather",
    "convolution.volumetric_pooling._scatter_plane",
    "convolution.volumetric_pooling._unpool",
    "cpu.gemm.packing.pack_a",
    "cpu.gemm.packing.pack_columns",
    "criterion.multi_label_margin_criterion._gradient",
    "criterion.multi_label_margin_criterion._loss",
    "dpnn.nce_module._sum_of_samples",
    "dpnn.nce_module.sum_of_rows",
    "simple.euclidean._distances",
    "simple.index_linear._rows",
    "simple.max._extrema",
    "transfer.soft_max._planes",
}


def functions():
    for path in FILES:
        room = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{room}.{node.name}", node


def parameters(function):
    a = function.args
    return len(a.posonlyargs) + len(a.args) + len(a.kwonlyargs)


def levels(statements):
    """How deep blocks are nested; an ``elif`` is as deep as its ``if``, functions inside count by themselves."""
    return max((level(s) for s in statements if isinstance(s, BLOCKS)), default=0)


def level(block):
    otherwise = getattr(block, "orelse", [])
    chained = isinstance(block, ast.If) and len(otherwise) == 1 and isinstance(otherwise[0], ast.If)
    bodies = [block.body, getattr(block, "finalbody", []), *(h.body for h in getattr(block, "handlers", []))]
    inside = max(levels(body) for body in [*bodies, [] if chained else otherwise])
    return max(1 + inside, level(otherwise[0]) if chained else 0)


def room_of(path):
    parts = path.relative_to(ROOT).parts[:-1]
    return ".".join(parts)


def imported(path):
    """The rooms of nn.thnn that a file imports."""
    package = ".".join([PACKAGE, *path.relative_to(ROOT).parts[:-1]])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            for name in [module, *(f"{module}.{alias.name}" for alias in node.names)]:
                inside = name.removeprefix(f"{PACKAGE}.")
                yield from (room for room in FLOORS if inside == room or inside.startswith(f"{room}."))


def test_functions_are_narrow():
    wide = {name for name, node in functions() if parameters(node) > MOST_PARAMETERS}
    assert not wide - WIDE - STILL_WIDE, "the parameters belong into records"


def test_loops_are_flat():
    deep = {name for name, node in functions() if levels(node.body) > MOST_LEVELS}
    assert not deep - STILL_DEEP, "the inner loops are functions"


def test_arguments_have_names():
    """No string of letters stands for the layout of arguments."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                letters = [t for t in texts if len(t) > 3 and set(t) <= set("pitfd")]
                assert not letters, f"{path}:{node.lineno}: {letters}"


@pytest.mark.parametrize("room", sorted({room_of(p) for p in FILES} - set(CHAPTERS)))
def test_rooms_beside_the_chapters_are_small(room):
    own = [p for p in FILES if room_of(p) == room and p.name != "__init__.py"]
    assert len(own) <= MOST_FILES


@pytest.mark.parametrize("path", FILES, ids=lambda p: ".".join(p.relative_to(ROOT).parts))
def test_imports_go_one_way(path):
    room = room_of(path)
    if room in FLOORS:
        up = {other for other in imported(path) if other != room and FLOORS[other] >= FLOORS[room]}
        assert not up


def test_the_counting_itself():
    source = """
def f(a, b, *c, d=1):
    for x in a:
        if x:
            pass
        elif b:
            while d:
                pass
        else:
            with c:
                pass
"""
    (function,) = ast.parse(source).body
    assert (parameters(function), levels(function.body)) == (3, 3)
