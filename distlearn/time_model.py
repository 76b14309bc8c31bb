"""How long a step of training takes on many nodes.

A step is computing and the sum of the gradients. The sum of b bytes over n nodes takes

    ``2 ceil(log2 n) latency + 2 (n - 1) / n * b / bandwidth``

seconds: by halves and doubles of the nodes, every number crosses the wire of every node twice. What of it fits behind
the backward pass costs nothing. Source: Thakur, Rabenseifner, Gropp, Optimization of collective communication
operations in MPICH (2005).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

#: Nodes and Gbit/s of the table, and the latency of each kind of network in seconds.
NODES = (1, 2, 4, 8, 16, 64, 256, 1024)
NETWORKS = {1: 50e-6, 10: 20e-6, 100: 3e-6}


@dataclass(frozen=True)
class StepTime:
    """The parts of a step, in seconds and bytes.

    ``compute``: forward, backward and update; ``backward``: the part of it that messages can hide behind; ``bytes`` of
    the gradients; ``latency`` of a message; ``bandwidth`` in bytes a second; ``hidden``: the share of the sum that
    hides where there is time for it, 0 without overlap.
    """

    compute: float
    backward: float
    bytes: float
    latency: float
    bandwidth: float
    hidden: float = 0.0

    def sum(self, nodes: int) -> float:
        """Seconds of the sum of the gradients over so many nodes."""
        if nodes == 1:
            return 0.0
        return 2 * math.ceil(math.log2(nodes)) * self.latency + 2 * (nodes - 1) / nodes * self.bytes / self.bandwidth

    def step(self, nodes: int) -> float:
        """Seconds of a step on so many nodes."""
        sum = self.sum(nodes)
        return self.compute + sum - min(self.hidden * sum, self.backward)

    def efficiency(self, nodes: int) -> float:
        """The samples a second of so many nodes, as a share of so many times those of one."""
        return self.compute / self.step(nodes)

    def on(self, gigabits: float, latency: float) -> StepTime:
        """The same step on a network of ``gigabits`` Gbit/s."""
        return replace(self, bandwidth=gigabits * 1e9 / 8, latency=latency)

    def compressed(self) -> StepTime:
        """The same step with 16 bits for each number of 32."""
        return replace(self, bytes=self.bytes / 2)

    def overlapped(self, hidden: float) -> StepTime:
        """The same step with the share ``hidden`` of the sum behind the backward pass."""
        return replace(self, hidden=hidden)


def fit(nodes: Sequence[int], bytes: Sequence[float], seconds: Sequence[float]) -> tuple[float, float]:
    """Latency and bandwidth from measured sums: so many nodes, bytes and seconds each. Relative least squares."""
    nodes, bytes, seconds = (np.asarray(x, np.float64) for x in (nodes, bytes, seconds))
    if not (len(nodes) == len(bytes) == len(seconds) >= 2 and (nodes > 1).all() and (seconds > 0).all()):
        raise ValueError("fit: needs two or more sums over two or more nodes, in seconds above 0")
    rows = np.stack([2 * np.ceil(np.log2(nodes)), 2 * (nodes - 1) / nodes * bytes], 1) / seconds[:, None]
    latency, slowness = np.linalg.lstsq(rows, np.ones(len(rows)), rcond=None)[0]
    if slowness <= 0:
        raise ValueError("fit: more bytes did not take longer, measure larger sums")
    return max(0.0, float(latency)), 1 / float(slowness)


def table(model: StepTime, hidden: float) -> str:
    """Efficiency in per cent from 1 to 1024 nodes: for each network, plain, overlapped, compressed, and both."""
    head = f"{'Gbit/s':>6}  {'':<22}" + "".join(f"{n:>7}" for n in NODES)
    lines = [head]
    for gigabits, latency in NETWORKS.items():
        plain = model.on(gigabits, latency)
        ways = {
            "one after the other": plain,
            "overlap": plain.overlapped(hidden),
            "16 bits": plain.compressed(),
            "overlap and 16 bits": plain.compressed().overlapped(hidden),
        }
        for name, way in ways.items():
            cells = "".join(f"{100 * way.efficiency(n):7.1f}" for n in NODES)
            lines.append(f"{gigabits:>6}  {name:<22}{cells}")
    return "\n".join(lines)
