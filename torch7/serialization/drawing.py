"""Boxes and arrows as SVG: chains, branches side by side, frames, graphs in layers. Lengths are pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

GAP, SIDE, ROW, LETTER = 18.0, 14.0, 15.0, 6.6
Point = tuple[float, float]


class Block:
    """Something of a width and a height that values enter at the top and leave at the bottom."""

    width = 0.0
    height = 0.0

    def draw(self, x: float, y: float) -> Iterator[str]:
        """The SVG with the upper left corner at a place."""
        raise NotImplementedError

    def top(self, x: float, y: float) -> Point:
        return x + self.width / 2, y

    def bottom(self, x: float, y: float) -> Point:
        return x + self.width / 2, y + self.height


class Leaf(Block):
    """A box of some lines of text; ``family`` colours it, ``number`` is its entry in the tree."""

    def __init__(self, lines: Sequence[str], family: str = "", number: int | None = None) -> None:
        self.lines, self.family, self.number = [line for line in lines if line], family, number
        self.width = max(46.0, 16 + LETTER * max(map(len, self.lines), default=0))
        self.height = 9 + ROW * len(self.lines)

    def draw(self, x: float, y: float) -> Iterator[str]:
        link = "" if self.number is None else f' data-e="{self.number}"'
        yield f'<g class="box {self.family}"{link}><rect x="{x:.0f}" y="{y:.0f}" '
        yield f'width="{self.width:.0f}" height="{self.height:.0f}" rx="4"/>'
        for i, line in enumerate(self.lines):
            kind = "" if i else ' class="t"'
            middle, base = x + self.width / 2, y + 1 + ROW * (i + 1)
            yield f'<text{kind} x="{middle:.0f}" y="{base:.0f}">{escape(line)}</text>'
        yield "</g>"


class Dot(Block):
    """Where arrows meet, or pass a layer."""

    width, height = 2.0, 12.0

    def draw(self, x: float, y: float) -> Iterator[str]:
        yield arrow(self.top(x, y), self.bottom(x, y), False)


class Chain(Block):
    """One below the other."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = list(blocks) or [Leaf(["identity"], "quiet")]
        self.width = max(b.width for b in self.blocks)
        self.height = sum(b.height for b in self.blocks) + GAP * (len(self.blocks) - 1)

    def draw(self, x: float, y: float) -> Iterator[str]:
        before: Point | None = None
        for block in self.blocks:
            left = x + (self.width - block.width) / 2
            if before is not None:
                yield arrow(before, block.top(left, y))
            yield from block.draw(left, y)
            before = block.bottom(left, y)
            y += block.height + GAP


class Branches(Block):
    """Side by side, from one value or table and to one."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = list(blocks)
        self.width = max(30.0, sum(b.width for b in self.blocks) + SIDE * max(0, len(self.blocks) - 1))
        self.height = max((b.height for b in self.blocks), default=0) + 2 * GAP

    def draw(self, x: float, y: float) -> Iterator[str]:
        start, end, left = self.top(x, y), self.bottom(x, y), x
        for block in self.blocks:
            yield from block.draw(left, y + GAP)
            yield arrow(start, block.top(left, y + GAP))
            yield arrow(block.bottom(left, y + GAP), end, False)
            left += block.width + SIDE


class Frame(Block):
    """A border with a title around a block."""

    def __init__(self, title: Sequence[str], inner: Block, number: int | None = None) -> None:
        self.head, self.inner, self.number = Leaf(title, "head", number), inner, number
        self.width = max(inner.width + 2 * SIDE, self.head.width)
        self.height = inner.height + self.head.height + 2 * GAP

    def draw(self, x: float, y: float) -> Iterator[str]:
        size = f'width="{self.width:.0f}" height="{self.height:.0f}"'
        yield f'<rect class="frame" x="{x:.0f}" y="{y:.0f}" {size} rx="6"/>'
        yield from self.head.draw(x, y)
        left, above = x + (self.width - self.inner.width) / 2, y + self.head.height + GAP
        yield arrow(self.top(x, above - GAP), self.inner.top(left, above))
        yield from self.inner.draw(left, above)
        yield arrow(self.inner.bottom(left, above), self.bottom(x, y), False)


class Layers(Block):
    """A graph without circles: each node below all that lead to it."""

    def __init__(self, nodes: Sequence[Block], edges: Sequence[tuple[int, int]]) -> None:
        self.nodes, self.edges = list(nodes), list(edges)
        ranks = self._ranks()
        self._passed(ranks)
        self.layers: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
        for i, rank in enumerate(ranks):
            self.layers[rank].append(i)
        self.sources: list[list[int]] = [[] for _ in self.nodes]
        for a, b in self.edges:
            self.sources[b].append(a)
        self.middles = [0.0] * len(self.nodes)
        for layer in self.layers:
            self._place(layer)
        self._placed()

    def _ranks(self) -> list[int]:
        """The longest way to each node; arrows that would close a circle are left out of it."""
        ranks = [0] * len(self.nodes)
        for _ in range(len(self.nodes)):
            longer = [(b, ranks[a] + 1) for a, b in self.edges if ranks[b] <= ranks[a]]
            if not longer:
                break
            for b, rank in longer:
                ranks[b] = max(ranks[b], min(rank, len(self.nodes)))
        return ranks

    def _passed(self, ranks: list[int]) -> None:
        """Arrows over several layers get a dot in each of them."""
        short = []
        for a, b in self.edges:
            for rank in range(ranks[a] + 1, ranks[b]):
                self.nodes.append(Dot())
                ranks.append(rank)
                short.append((a, len(self.nodes) - 1))
                a = len(self.nodes) - 1
            short.append((a, b))
        self.edges = short

    def _place(self, layer: list[int]) -> None:
        """Each node under the middle of its sources as far as there is room."""
        wanted = {
            i: sum(self.middles[s] for s in self.sources[i]) / len(self.sources[i]) if self.sources[i] else 0.0
            for i in layer
        }
        layer.sort(key=lambda i: wanted[i])
        right = float("-inf")
        for i in layer:
            half = self.nodes[i].width / 2
            self.middles[i] = max(wanted[i], right + SIDE + half)
            right = self.middles[i] + half
        shift = sum(self.middles[i] - wanted[i] for i in layer) / max(1, len(layer))
        for i in layer:
            self.middles[i] -= shift

    def _placed(self) -> None:
        boxes = [(self.middles[i], node) for i, node in enumerate(self.nodes)]
        self.left = min((m - n.width / 2 for m, n in boxes), default=0.0)
        self.width = max((m + n.width / 2 for m, n in boxes), default=0.0) - self.left
        self.heights = [max(self.nodes[i].height for i in layer) for layer in self.layers]
        self.height = sum(self.heights) + 2 * GAP * max(0, len(self.layers) - 1)

    def draw(self, x: float, y: float) -> Iterator[str]:
        corners: dict[int, Point] = {}
        for layer, height in zip(self.layers, self.heights):
            for i in layer:
                node = self.nodes[i]
                corners[i] = x + self.middles[i] - self.left - node.width / 2, y
                yield from node.draw(*corners[i])
            y += height + 2 * GAP
        for a, b in self.edges:
            start, end = self.nodes[a].bottom(*corners[a]), self.nodes[b].top(*corners[b])
            yield arrow(start, end, not isinstance(self.nodes[b], Dot))


def arrow(start: Point, end: Point, head: bool = True) -> str:
    (a, b), (c, d) = start, end
    mark = ' marker-end="url(#head)"' if head else ""
    middle = (b + d) / 2
    way = f"V{d:.0f}" if abs(a - c) < 1 else f"C{a:.0f} {middle:.0f} {c:.0f} {middle:.0f} {c:.0f} {d:.0f}"
    return f'<path class="edge" d="M{a:.0f} {b:.0f}{way}"{mark}/>'


HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
    '<path d="M0 0L8 4L0 8z"/></marker></defs>'
)


def svg(block: Block) -> str:
    """A drawing of a block alone."""
    width, height = block.width + 2 * SIDE, block.height + 2 * SIDE
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg class="drawing" {size}>{HEAD}{"".join(block.draw(SIDE, SIDE))}</svg>'
