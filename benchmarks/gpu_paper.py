"""What a GPU can reach, computed on paper: products by the model of tiles, all else by counted sectors of memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

import torch7
from nn.thnn.cuda.conv import model

from .gpu_workloads import CONVOLUTIONS, LAYERS, Convolution, Layer

#: Name -> the model's card. Bandwidths are those of copies: published ones for the H200, in proportion for the H100.
CARDS = {"H100": model.Card(132, 1.755e9, 3.0e12), "H200": model.Card(132, 1.755e9, 4.3e12)}
#: Seconds that a launch takes on the card when the next one waits for it.
LAUNCH = 2e-6
EMULATOR = Path(__file__).parents[1] / "test" / "cuda"


def products(c: Convolution) -> dict[str, tuple[int, int, int, bool]]:
    """Rows, columns and depth of the products of forward and of the gradient of the input; whether k may be cut."""
    places = (c.size + 2 * c.pad - c.k) // c.stride + 1
    out, into, taps = c.N * places**2, c.N * c.size**2, c.k**2
    depth = c.O * taps // c.stride**2  # of each phase of the stride, together as many columns as the input has
    return {"forward": (c.O, out, c.C * taps, True), "input": (c.C, into, depth, c.stride == 1)}


def convolution_on_paper(c: Convolution, card: model.Card, kernels: tuple) -> dict[str, tuple[float, int, int]]:
    """Pass -> seconds, tile, splits."""
    found = {}
    for name, (rows, columns, depth, whole) in products(c).items():
        choice = model.choose(kernels, rows, columns, depth, 1, whole, card)
        moved = 4 * (c.N * c.C * c.size**2 + rows * columns)
        found[name] = max(choice.seconds, moved / card.bandwidth), choice.tile, choice.splits
    return found


@contextmanager
def emulated() -> Iterator[list]:
    """The library on the emulator; the list gets (kernel, bytes of the sectors of memory it asked for)."""
    sys.path.insert(0, str(EMULATOR))
    import stand_in
    from emulator import driver

    launches, run, mode = [], driver.Function.__call__, stand_in.MODE

    def counted(self: Any, *arguments: Any, **settings: Any) -> None:
        self.module.profile(True)
        run(self, *arguments, **settings)
        rows = map(str.split, self.module.code.emu_report().decode().splitlines())
        launches.append((self.name, 32 * sum(int(row[6]) for row in rows if row[1] == "global")))

    stand_in.MODE, driver.Function.__call__ = "check", counted
    try:
        with stand_in.installed():
            yield launches
    finally:
        stand_in.MODE, driver.Function.__call__ = mode, run


def passes_on_paper(layer: Layer) -> dict[str, tuple[float, int]]:
    """Pass -> bytes of sectors at full size, launches."""
    random, found = np.random.default_rng(0), {}
    scale = prod(layer.input) / prod(layer.small)
    with emulated() as launches:
        xp = torch7.arrays.cupy()
        module = layer.module().cuda()
        x = xp.asarray(random.standard_normal(layer.small).astype(np.float32))
        y = module.forward(x)
        g = xp.asarray(random.standard_normal(y.shape).astype(np.float32))
        for name, run in (("forward", lambda: module.forward(x)), ("backward", lambda: module.backward(x, g))):
            launches.clear()
            run()
            found[name] = scale * sum(n for _, n in launches), len(launches)
    return found


HEAD = """\
| layer, batch 32 | pass | card | exact, ms | tile, splits | TF32, ms | tile, splits |
|---|---|---|---|---|---|---|"""
HEAD_OF_LAYERS = """
| layer | input | pass | sectors of 32 bytes, MB | launches | H100, ms | H200, ms |
|---|---|---|---|---|---|---|"""


def paper(names: list[str], say: Callable[[str], Any] = print) -> None:
    """Tables of what the cards can reach."""
    say(f"**Computed, not measured: no card has run this.**\n\n{HEAD}")
    for name in (n for n in CONVOLUTIONS if n in names):
        for title, card in CARDS.items():
            exact, tf32 = (convolution_on_paper(CONVOLUTIONS[name], card, k) for k in (model.EXACT, model.TF32))
            for part in exact:
                cells = [f"{s * 1e3:.3f} | {tile}, {splits}" for s, tile, splits in (exact[part], tf32[part])]
                say(f"| {name} | {part} | {title} | {' | '.join(cells)} |")
    say(HEAD_OF_LAYERS)
    for name in (n for n in LAYERS if n in names):
        size = "x".join(map(str, LAYERS[name].input))
        for part, (moved, launches) in passes_on_paper(LAYERS[name]).items():
            times = [f"{(moved / card.bandwidth + launches * LAUNCH) * 1e3:.3f}" for card in CARDS.values()]
            say(f"| {name} | {size} | {part} | {moved / 1e6:.0f} | {launches} | {' | '.join(times)} |")
