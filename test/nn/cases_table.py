"""Cases of the chapter "table"."""

from itertools import pairwise

import numpy as np

import nn
import torch7 as torch
from nn.testing import Case


def with_children(container, *children):
    for child in children:
        container.add(child)
    return container


def mlp(*sizes):
    net = nn.Sequential()
    for i, o in pairwise(sizes):
        net.add(nn.Linear(i, o)).add(nn.Tanh())
    return net


def positive(*shapes, scale=(1, 1)):
    return lambda: [c * (np.abs(torch.randn(*shape)) + 0.5) for shape, c in zip(shapes, scale)]


def keyed(**shapes):
    return lambda: {name: torch.randn(*shape) for name, shape in shapes.items()}


def numbered(*shapes):
    return lambda: {i: torch.randn(*shape) for i, shape in enumerate(shapes, 1)}


def apart(*shapes):
    """Tensors whose elements differ by 0.1 at least, so that no maximum changes hands."""
    return lambda: [(torch.randperm(int(np.prod(s))).reshape(s) + 0.3 * i) * 0.4 for i, s in enumerate(shapes)]


PASSED_ON = {
    "strict_types": "passes tensors of any type on",
    "buffers_are_reused": "passes the caller's own tensors on",
}
CONVERTS = {"strict_types": "converts its input, as Torch's copy does"}
IN_PLACE = {"buffers_are_reused": "writes to the caller's own tensors"}
FOUR = [(2, 3)] * 4

CASES = [
    # containers of tables
    Case(lambda: with_children(nn.ConcatTable(), nn.Linear(4, 3), mlp(4, 2)), (2, 4), wrong=((2, 5), [(2, 4)])),
    Case(
        lambda: with_children(nn.ConcatTable(), nn.Identity(), nn.Identity()),
        [(2,), [(3,), (1, 2)]],
        name="ConcatTable of a nested table",
        waive=PASSED_ON,
    ),
    Case(
        lambda: with_children(nn.ConcatTable(), nn.SelectTable("a"), nn.SelectTable("b"), nn.Identity()),
        keyed(a=(2, 3), b=(4,)),
        name="ConcatTable of a dict",
        waive=PASSED_ON,
    ),
    Case(
        lambda: with_children(nn.ParallelTable(), nn.Linear(4, 3), nn.Linear(2, 1)),
        [(3, 4), (5, 2)],
        wrong=([(3, 4)], (3, 4), [(3, 3), (5, 2)]),
    ),
    Case(
        lambda: with_children(nn.ParallelTable(), nn.Linear(4, 3)),
        [(3, 4), (5, 2)],
        name="ParallelTable with an entry too many",
        waive={"input_gradient": "gradInput has no entry for what is ignored"},
    ),
    Case(
        lambda: with_children(nn.ParallelTable(), nn.Linear(4, 3), nn.Tanh()),
        numbered((3, 4), (5, 2)),
        name="ParallelTable of a dict",
    ),
    Case(lambda: nn.MapTable(nn.Linear(4, 3)), [(2, 4), (3, 4), (4,)], wrong=([(2, 5)], (2, 4))),
    Case(lambda: nn.MapTable(mlp(4, 3, 2)), [(2, 4), (3, 4)]),
    Case(lambda: nn.MapTable(nn.Linear(4, 3), False), [(2, 4), (2, 4)], name="MapTable, not shared"),
    Case(lambda: nn.MapTable().add(nn.Linear(4, 3)), [(2, 4)], name="MapTable().add"),
    Case(
        lambda: with_children(
            nn.Sequential(),
            with_children(
                nn.ParallelTable(),
                nn.Linear(3, 2),
                with_children(nn.ParallelTable(), mlp(2, 2), with_children(nn.ParallelTable(), nn.Linear(4, 2))),
            ),
            with_children(nn.ConcatTable(), nn.Identity(), nn.SelectTable(2)),
            nn.FlattenTable(),
            nn.CAddTable(),
        ),
        [(5, 3), [(5, 2), [(5, 4)]]],
        name="nested ParallelTables, joined",
    ),
    Case(
        lambda: with_children(
            nn.Sequential(),
            with_children(nn.ConcatTable(), nn.Linear(3, 4), nn.MulConstant(2.0), mlp(3, 4)),
            with_children(nn.ParallelTable(), nn.Identity(), nn.Linear(3, 4), nn.Identity()),
            with_children(nn.ConcatTable(), nn.NarrowTable(1, 2), nn.NarrowTable(2, 2)),
            nn.ZipTable(),
            nn.MapTable(nn.CMulTable()),
            nn.JoinTable(1, 1),
        ),
        (2, 3),
        batch=True,
        name="branches, zipped and mapped",
    ),
    Case(
        lambda: with_children(nn.Sequential(), nn.SplitTable(1, 2), nn.MapTable(nn.Linear(4, 2)), nn.CAddTable()),
        (2, 3, 4),
        batch=True,
        name="split, mapped, added",
    ),
    # tables and tensors
    Case(lambda: nn.SplitTable(1), (3, 4), wrong=([(3, 4)],), waive=PASSED_ON),
    Case(lambda: nn.SplitTable(2), (3, 4, 2), wrong=((3,),), name="SplitTable(2)", waive=PASSED_ON),
    Case(lambda: nn.SplitTable(-1), (3, 4, 2), name="SplitTable(-1)", waive=PASSED_ON),
    Case(lambda: nn.SplitTable(-2), (3, 4), name="SplitTable(-2)", waive=PASSED_ON),
    Case(lambda: nn.SplitTable(1, 2), (3, 4, 2), name="SplitTable(1, 2) of a batch", waive=PASSED_ON),
    Case(lambda: nn.SplitTable(1, 2), (3, 4), name="SplitTable(1, 2)", waive=PASSED_ON),
    Case(lambda: nn.JoinTable(1), [(3, 2), (4, 2)], wrong=([(3, 2), (4, 3)], (3, 2), [(3, 2), (2,)]), waive=CONVERTS),
    Case(lambda: nn.JoinTable(2), [(3, 2), (3, 1), (3, 4)], name="JoinTable(2)", waive=CONVERTS),
    Case(lambda: nn.JoinTable(-2), [(3, 2), (1, 2)], name="JoinTable(-2)", waive=CONVERTS),
    Case(lambda: nn.JoinTable(1, 1), [(3, 2), (3, 1)], name="JoinTable(1, 1) of batches", waive=CONVERTS),
    Case(lambda: nn.JoinTable(1, 1), [(3,), (1,)], name="JoinTable(1, 1)", waive=CONVERTS),
    Case(lambda: nn.JoinTable(3), [(2, 1, 3), (2, 1, 2)], name="JoinTable(3)", waive=CONVERTS),
    Case(lambda: nn.JoinTable(1), numbered((3, 2), (4, 2)), name="JoinTable of a dict", waive=CONVERTS),
    Case(
        nn.MixtureTable,
        [(4, 3), [(4, 5)] * 3],
        name="MixtureTable of a table",
        wrong=([(4, 3), [(4, 5)] * 2], [(4, 3), [(4, 5), (4, 5), (4, 4)]], [(3, 3), [(4, 5)] * 3], [(4, 3)], (4, 3)),
    ),
    Case(nn.MixtureTable, [(3,), [(5,)] * 3], name="MixtureTable of vectors", wrong=([(2,), [(5,)] * 3],)),
    Case(nn.MixtureTable, [(2, 3), [(2, 2, 4)] * 3], name="MixtureTable of matrices"),
    Case(nn.MixtureTable, [(4, 3), (4, 3, 5)], name="MixtureTable of a tensor", wrong=([(4, 3), (4, 2, 5)],)),
    Case(lambda: nn.MixtureTable(3), [(2, 3), (2, 4, 3)], name="MixtureTable(3)"),
    Case(lambda: nn.MixtureTable(3), [(2, 3), (2, 2, 3, 2)], name="MixtureTable(3) of matrices"),
    Case(lambda: nn.MixtureTable(1), [(3,), (3, 5)], name="MixtureTable(1)"),
    Case(lambda: nn.MixtureTable(2), [(3,), (5, 3)], name="MixtureTable(2) of vectors"),
    # entries of tables
    Case(lambda: nn.SelectTable(1), [(2, 3), (4,)], wrong=((2, 3), []), waive=PASSED_ON),
    Case(lambda: nn.SelectTable(-1), [(2, 3), [(4,), (2,)]], waive=PASSED_ON),
    Case(lambda: nn.SelectTable(-2), [(2, 3), [(4,), [(2,)]]], wrong=([(2, 3)],), waive=PASSED_ON),
    Case(lambda: nn.SelectTable("a"), keyed(a=(2, 3), b=(4,)), wrong=([(2, 3)],), waive=PASSED_ON),
    Case(lambda: nn.SelectTable(2), numbered((2, 3), (4,)), waive=PASSED_ON),
    Case(
        lambda: nn.NarrowTable(2, 2),
        [(2,), (3,), [(1, 2)], (4,)],
        name="NarrowTable(2, 2)",
        wrong=((2, 3),),
        waive=PASSED_ON,
    ),
    Case(lambda: nn.NarrowTable(1), [(2,), [(3,)]], name="NarrowTable(1)", waive=PASSED_ON),
    Case(lambda: nn.NarrowTable(2, 5), [(2,), (3,)], name="NarrowTable past the end", waive=PASSED_ON),
    Case(nn.FlattenTable, [(1,), [(2,), [(3,), (1, 2)]], (4,)], wrong=((2, 3),), waive=PASSED_ON),
    Case(
        nn.FlattenTable,
        lambda: {"a": torch.randn(2), "b": [torch.randn(3)]},
        name="FlattenTable of a dict",
        waive=PASSED_ON,
    ),
    Case(
        nn.ZipTable,
        [[(2,), (3,)], [(4,), (1, 2)], [(2,), (2,)]],
        wrong=([[(2,), (3,)], [(4,)]], (2, 3)),
        waive=PASSED_ON,
    ),
    Case(nn.ZipTableOneToMany, [(2, 3), [(4,), (1,), (2,)]], wrong=([(2, 3)], [(2, 3), (2,)], (2, 3)), waive=PASSED_ON),
    Case(nn.ZipTableOneToMany, [[(2,), (3,)], [(4,), (1,)]], name="ZipTableOneToMany of a table", waive=PASSED_ON),
    # pairs of vectors
    Case(nn.PairwiseDistance, [(3, 4), (3, 4)], wrong=([(3, 4), (3, 5)], [(3, 4)], [(2, 3, 4), (2, 3, 4)])),
    Case(lambda: nn.PairwiseDistance(1), [(3, 4), (3, 4)], name="PairwiseDistance(1)"),
    Case(lambda: nn.PairwiseDistance(1), [(4,), (4,)], name="PairwiseDistance(1) of vectors"),
    Case(lambda: nn.PairwiseDistance(1.5), [(3, 4), (3, 4)], name="PairwiseDistance(1.5)"),
    Case(lambda: nn.PairwiseDistance(3), [(5,), (5,)], name="PairwiseDistance(3)"),
    Case(lambda: nn.PairwiseDistance(4), positive((2, 3), (2, 3), scale=(9, -9)), name="PairwiseDistance(4)"),
    Case(nn.DotProduct, [(3, 4), (3, 4)], wrong=([(3, 4), (3, 5)], [(3, 4)], [(1, 3, 4), (1, 3, 4)])),
    Case(nn.DotProduct, [(4,), (4,)], name="DotProduct of vectors"),
    Case(nn.CosineDistance, [(3, 4), (3, 4)], wrong=([(3, 4), (3, 5)], [(3, 4)])),
    Case(nn.CosineDistance, [(4,), (4,)], name="CosineDistance of vectors"),
    # arithmetic
    Case(nn.CAddTable, FOUR, wrong=([(4, 1), (3,)], [(2, 3), (1, 3)], (2, 3), [])),
    Case(nn.CAddTable, [(4, 1), (4,), (2, 2)], name="CAddTable of other shapes"),
    Case(nn.CAddTable, [(2, 3)], name="CAddTable of one"),
    Case(nn.CAddTable, numbered((2, 3), (2, 3)), name="CAddTable of a dict"),
    Case(lambda: nn.CAddTable(True), FOUR, name="CAddTable(True)", inplace=True, waive=IN_PLACE),
    Case(
        lambda: nn.CAddTable(True), [(4,), (2, 2)], name="CAddTable(True) of other shapes", inplace=True, waive=IN_PLACE
    ),
    Case(nn.CSubTable, [(2, 3), (2, 3)], wrong=([(2, 3)], [(4,), (3,)])),
    Case(nn.CSubTable, [(2, 3), (3, 2)], name="CSubTable of other shapes"),
    Case(nn.CMulTable, FOUR, wrong=([(4,), (3,)], (2, 3))),
    Case(nn.CMulTable, [(4, 1), (4,)], name="CMulTable of other shapes"),
    Case(nn.CMulTable, [(3,)], name="CMulTable of one"),
    Case(nn.CDivTable, positive((2, 3), (2, 3)), wrong=([(2, 3)], [(4,), (3,)])),
    Case(nn.CDivTable, positive((2, 3), (6,)), name="CDivTable of other shapes"),
    Case(nn.CMaxTable, apart((2, 3), (2, 3), (2, 3)), wrong=([(4,), (3,)],)),
    Case(nn.CMaxTable, apart((4,), (2, 2)), name="CMaxTable of other shapes"),
    Case(nn.CMaxTable, [(3,)], name="CMaxTable of one"),
    Case(nn.CMinTable, apart((2, 3), (2, 3), (2, 3)), wrong=([(4,), (3,)],)),
    Case(nn.CAddTensorTable, [(3,), [(3,), (3,)]], wrong=([(3,), [(4,)]], [(3,), (3,)], (3,))),
    Case(nn.CAddTensorTable, [(4, 1), [(4,), (2, 2), (4, 1)]], name="CAddTensorTable of other shapes"),
]
WAIVED = {"nn.CriterionTable": "its output is a number: test_table.py"}
