"""Cases of the chapter "containers"."""

from itertools import pairwise

import nn
from nn.testing import Case


def mlp(*sizes):
    net = nn.Sequential()
    for i, o in pairwise(sizes):
        net.add(nn.Linear(i, o)).add(nn.Tanh())
    return net


def with_children(container, *children):
    for child in children:
        container.add(child)
    return container


def tables(n, *sizes):
    """n modules on a table: Linear layers on each entry."""
    return [with_children(nn.ParallelTable(), *(nn.Linear(s, 2) for s in sizes)) for _ in range(n)]


def skipping(module):
    module.gradInput = None
    return module


CASTS = {"strict_types": "converts its input", "float_and_back": "its module keeps its type"}

CASES = [
    Case(lambda: mlp(4, 3, 2), (5, 4), batch=True, wrong=((5, 3), (2, 2, 4))),
    Case(lambda: with_children(nn.Sequential(), mlp(4, 3), nn.Linear(3, 2, False)), (2, 4), batch=True),
    Case(
        nn.Sequential,
        (3, 4),
        name="empty Sequential",
        waive={
            "strict_types": "the identity of anything",
            "buffers_are_reused": "passes the caller's own tensors on",
        },
    ),
    # Concat
    Case(lambda: with_children(nn.Concat(1), nn.Linear(4, 3), nn.Linear(4, 2)), (4,), wrong=((5,),)),
    Case(lambda: with_children(nn.Concat(2), nn.Linear(4, 3), mlp(4, 2)), (3, 4), wrong=((4,), (3, 5))),
    Case(lambda: with_children(nn.Concat(1), nn.Linear(4, 3), nn.Linear(4, 3), nn.Linear(4, 3)), (2, 4)),
    Case(
        lambda: with_children(
            nn.Concat(2), nn.SpatialConvolution(2, 3, 1, 1), nn.SpatialConvolution(2, 1, 3, 3, 1, 1, 1, 1)
        ),
        (2, 2, 4, 5),
        wrong=((2, 3, 4, 5),),
    ),
    Case(
        lambda: with_children(
            nn.Concat(2), *[with_children(nn.Sequential(), t, nn.JoinTable(2)) for t in tables(2, 3, 4)]
        ),
        [(2, 3), (2, 4)],
        name="Concat of a table",
    ),
    Case(
        lambda: with_children(nn.Concat(2), skipping(nn.Linear(3, 2)), nn.Linear(3, 2)),
        (2, 3),
        name="Concat with a module without gradInput",
        waive={
            "input_gradient": "the first module leaves its part of the gradient out",
        },
    ),
    Case(lambda: with_children(nn.Concat(1), nn.Linear(3, 2)), (3,), name="Concat of one"),
    # DepthConcat
    Case(
        lambda: with_children(
            nn.DepthConcat(1), *(nn.SpatialConvolutionMM(2, n, k, k) for n, k in ((2, 1), (1, 3), (2, 4)))
        ),
        (2, 6, 7),
        wrong=((3, 6, 7),),
    ),
    Case(
        lambda: with_children(
            nn.DepthConcat(2), nn.SpatialConvolutionMM(2, 2, 2, 3), nn.SpatialConvolutionMM(2, 1, 1, 2)
        ),
        (2, 2, 5, 4),
    ),
    Case(
        lambda: with_children(nn.DepthConcat(2), nn.Linear(3, 2), nn.Linear(3, 5)), (4, 3), name="DepthConcat of rows"
    ),
    # Parallel
    Case(
        lambda: with_children(nn.Parallel(2, 1), nn.Linear(4, 3), nn.Linear(4, 2)), (4, 2), wrong=((4, 3), (5, 2), (4,))
    ),
    Case(
        lambda: with_children(nn.Parallel(1, 1), nn.Linear(4, 3), nn.Tanh(), nn.Linear(4, 1)),
        (2, 4),
        name="Parallel with a module too many",
    ),
    Case(lambda: with_children(nn.Parallel(2, 2), nn.Linear(4, 3), mlp(4, 2)), (3, 2, 4)),
    Case(lambda: with_children(nn.Parallel(3, 1), nn.Linear(4, 3), nn.Linear(4, 3)), (2, 4, 2)),
    # Bottle
    Case(lambda: nn.Bottle(nn.Linear(4, 2)), (2, 3, 4), wrong=((2, 3, 5), (2, 5))),
    Case(lambda: nn.Bottle(nn.Linear(4, 2)), (4,), name="Bottle of one sample"),
    Case(lambda: nn.Bottle(nn.Linear(4, 2)), (3, 4), name="Bottle of a batch"),
    Case(lambda: nn.Bottle(mlp(4, 2), 2, 2), (2, 2, 1, 4)),
    Case(lambda: nn.Bottle(nn.SpatialConvolution(2, 3, 2, 2), 4), (2, 2, 2, 3, 4), name="Bottle of a convolution"),
    Case(
        lambda: nn.Bottle(with_children(nn.Sequential(), nn.Reshape(6), nn.Linear(6, 2)), 3, 2),
        (2, 2, 3, 2),
        name="Bottle to fewer dimensions",
    ),
    # decorators
    Case(lambda: nn.Decorator(nn.Linear(4, 3)), (2, 4), wrong=((2, 3),)),
    Case(lambda: nn.Decorator(mlp(4, 3)), (2, 4)),
    Case(lambda: nn.NaN(nn.Linear(4, 3), "a"), (2, 4), wrong=((2, 3),)),
    Case(lambda: nn.NaN(mlp(4, 3), 2), (2, 4)),
    Case(lambda: nn.Profile(nn.Linear(4, 3), 1000000), (2, 4), wrong=((2, 3),)),
    Case(lambda: nn.GPU(nn.Linear(4, 3), 1), (2, 4), wrong=((2, 3),)),
    Case(lambda: nn.GPU(with_children(nn.ParallelTable(), nn.Linear(4, 3), mlp(2, 1)), 1, 2), [(2, 4), (3, 2)]),
    Case(
        lambda: nn.DontCast(nn.Linear(4, 3)),
        (2, 4),
        name="DontCast",
        waive={"float_and_back": "keeps its type", "modes_and_chaining": "keeps its type"},
    ),
    Case(
        lambda: nn.DontCast(nn.Linear(4, 3), True),
        (2, 4),
        name="DontCast(castin)",
        waive=CASTS,
    ),
    Case(
        lambda: nn.DontCast(nn.Linear(4, 3), True, True, "torch.DoubleTensor"),
        (2, 4),
        name="DontCast, all given",
        waive=CASTS,
    ),
]
