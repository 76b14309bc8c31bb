"""Limited-memory BFGS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch7.arrays import array_module

from .common import Fields, OpFunc, check_point, evaluate, memory, resolve, scratch
from .update import asum, dot, update


def lbfgs(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list[float], int]:
    """Up to ``maxIter`` quasi-Newton steps; returns ``x``, the list of f and the number of evaluations made.

    The direction is ``-H g``, H built from the last ``nCorrection`` pairs ``s = x - x_before``, ``y = g - g_before``
    that have ``y.s > 1e-10``, starting from ``y.s / y.y`` times the identity. The step is ``learningRate``
    (``min(1, 1 / sum |g|) learningRate`` for the first one ever), or what ``lineSearch`` finds.

    Settings: maxIter 20, maxEval 1.25 maxIter, tolFun 1e-5 (stop at ``sum |g| <= tolFun``), tolX 1e-9 (stop at a change
    of x or f that small), nCorrection 100, learningRate 1, lineSearch None (``optim.lswolfe``), lineSearchOptions
    (its settings), verbose False.
    State: old_dirs and old_stps (the s and the y), Hdiag, d, t, g_old, f_old, nIter, funcEval, dir_bufs and stp_bufs
    (arrays to use again), ro, al; further calls continue from it.

    Source: Nocedal and Wright, "Numerical optimization", algorithm 7.4.
    """
    c, state = resolve(
        "lbfgs",
        config,
        state,
        settings,
        maxIter=20,
        maxEval=None,
        tolFun=1e-5,
        tolX=1e-9,
        nCorrection=100,
        lineSearch=None,
        lineSearchOptions=None,
        learningRate=1,
        verbose=False,
    )
    check_point("lbfgs", x)
    c.maxEval = 1.25 * c.maxIter if c.maxEval is None else c.maxEval
    say = print if c.verbose else _silent
    for count in ("funcEval", "nIter"):
        state[count] = state.get(count) or 0
    scratch(state, ["tmp1"], x.shape, x)

    f, g = evaluate("lbfgs", opfunc, x)
    losses, evaluations = [f], 1
    state["funcEval"] += 1
    if asum(g) <= c.tolFun:
        say("lbfgs: the gradient is below tolFun at the start")
        return x, losses, evaluations
    for iteration in range(1, int(c.maxIter) + 1):
        state["nIter"] += 1
        d = _direction(state, g, x, c.nCorrection)
        memory("lbfgs", state, "g_old", x)[...] = g.reshape(x.shape)
        state["f_old"] = f_old = f
        slope = dot(g, d)
        if slope > -c.tolX:
            say("lbfgs: no descent left along the direction")
            break
        t = c.learningRate * (min(1.0, 1 / asum(g)) if state["nIter"] == 1 else 1)

        made = 0
        if c.lineSearch is not None:
            f, g, _, t, made = c.lineSearch(opfunc, x, t, d, f, g, slope, c.lineSearchOptions)
            losses.append(f)
        else:
            update("axpy", x, d, t)
            if iteration != c.maxIter:
                f, g = evaluate("lbfgs", opfunc, x)
                losses.append(f)
                made = 1
        state["t"] = t
        evaluations += made
        state["funcEval"] += made
        if reason := _stop(c, iteration, evaluations, asum(g), abs(t) * asum(d), abs(f - f_old)):
            say(f"lbfgs: {reason}")
            break
    return x, losses, evaluations


class Spare(list):
    """A list of arrays to use again; those that were not needed yet, its first ones, are made when they are.

    A copy of it and a file hold all of them, zeros.
    """

    def __init__(self, count: int, like: Any) -> None:
        super().__init__()
        self.unmade, self.shape, self.dtype, self.xp = count, like.shape, like.dtype, array_module(like)

    def pop(self) -> Any:
        """The last one."""
        if super().__len__():
            return super().pop()
        if not self.unmade:
            raise IndexError("no spare array is left")
        self.unmade -= 1
        return self.xp.zeros(self.shape, self.dtype)

    def __len__(self) -> int:
        return self.unmade + super().__len__()

    def __iter__(self) -> Iterator[Any]:
        yield from self.xp.zeros((self.unmade, *self.shape), self.dtype)
        yield from super().__iter__()

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]

    def __reduce__(self) -> tuple:
        return list, (list(self),)


def _silent(*values: Any) -> None:
    pass


def _stop(c: Any, iteration: int, evaluations: int, slopes: float, moved: float, gained: float) -> str | None:
    if iteration == c.maxIter:
        return "made maxIter iterations"
    if evaluations >= c.maxEval:
        return "made maxEval evaluations"
    if slopes <= c.tolFun:
        return "the gradient is below tolFun"
    if moved <= c.tolX:
        return "the step is below tolX"
    if gained < c.tolX:
        return "the function changes by less than tolX"
    return None


def _direction(state: Fields, g: Any, x: Any, corrections: int) -> Any:
    """``state['d'] = -H g`` after learning from the last step."""
    d = memory("lbfgs", state, "d", x)
    if state["nIter"] == 1:
        state.update(old_dirs=[], old_stps=[], Hdiag=1)
        for key in ("dir_bufs", "stp_bufs"):  # as in Lua, which goes on from a file of this state
            state[key] = Spare(int(corrections) + 1, d)
    else:
        _remember(state, g, d, int(corrections))
    d[...] = g.reshape(d.shape)
    d *= -1
    _apply(state, d, int(corrections))
    return d


def _remember(state: Fields, g: Any, d: Any, corrections: int) -> None:
    """Add the last step ``s = t d`` and change of gradient ``y`` to the memory, if they are curved upwards."""
    for key in ("old_dirs", "old_stps", "dir_bufs", "stp_bufs"):
        if not isinstance(state[key], list):
            state[key] = list(state[key])
    s = state["dir_bufs"].pop() if state["dir_bufs"] else d.copy()
    y = state["stp_bufs"].pop() if state["stp_bufs"] else d.copy()
    xp = array_module(d)
    xp.multiply(d, d.dtype.type(state["t"]), out=s)
    xp.subtract(g.reshape(d.shape), state["g_old"], out=y)
    ys = dot(y, s)
    if ys > 1e-10:
        if len(state["old_dirs"]) >= corrections:
            state["dir_bufs"].append(state["old_dirs"].pop(0))
            state["stp_bufs"].append(state["old_stps"].pop(0))
        state["old_dirs"].append(s)
        state["old_stps"].append(y)
        state["Hdiag"] = ys / dot(y, y)
    else:
        state["dir_bufs"].append(s)
        state["stp_bufs"].append(y)


def _apply(state: Fields, q: Any, corrections: int) -> None:
    """Multiply ``q`` by H: the two-loop recursion, in place."""
    steps, changes = state["old_dirs"], state["old_stps"]
    ro, al = [0.0] * len(steps), [0.0] * len(steps)
    for i in reversed(range(len(steps))):
        ro[i] = 1 / dot(changes[i], steps[i])
        al[i] = ro[i] * dot(steps[i], q)
        update("axpy", q, changes[i], -al[i])
    q *= q.dtype.type(state["Hdiag"])
    for i in range(len(steps)):
        update("axpy", q, steps[i], al[i] - ro[i] * dot(changes[i], q))
    state["ro"], state["al"] = ro, al
