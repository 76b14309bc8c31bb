"""Training by any method of optim, over batches, with all that a long training wants."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch7.names import doubt_field
from torch7.progress_bar import progress_bar

from .batches import batches, prepared, samples_of
from .hooks import EVENTS, Logging, Saving, as_hook
from .measures import Means, line, measured
from .schedules import Schedule
from .sgd import sgd

LOSS, VALIDATION = "loss", "validation loss"


class Trainer:
    """Trains ``network`` on batches by ``method`` of optim (``optim.sgd``) with its settings ``config``.

    ``schedule``: what the rate is over time, ``optim.StepDecay(30)``, ``ExponentialDecay``, ``CosineDecay``,
    ``Plateau``, ``WarmUp(1, then)`` or a function ``(base, epochs)``; it sets ``config['learningRate']``, whose first
    value is the base. ``metrics``: functions ``(output, target)`` by name, such as ``optim.accuracy``, whose means over
    the validation samples (without any, the training samples) are columns of the row of each epoch. ``hooks``: objects
    with methods of the names in ``EVENTS``, loggers and checkpoints among them.

    Fields: ``epoch``, ``row`` (of the epoch: epoch, learning rate, loss, validation loss, metrics), ``history`` (all
    rows), ``input``, ``target``, ``loss`` (of the batch), ``parameters``, ``gradParameters``; ``scored``, the column by
    which rows are compared (the validation loss, or the loss), and ``highest``, whether its largest value is best;
    ``verbose`` True: a bar on a terminal, and a line an epoch.

    Errors: TypeError for data or hooks of another kind; what the network raises passes through.
    """

    _whole = False
    parameters: Any
    gradParameters: Any
    input: Any
    target: Any
    loss: Any

    def __init__(
        self,
        network: Any,
        criterion: Any,
        method: Callable[..., tuple] = sgd,
        config: dict[str, Any] | None = None,
        schedule: Schedule | None = None,
        metrics: Mapping[str, Callable[[Any, Any], float]] | None = None,
        hooks: Iterable[Any] = (),
    ) -> None:
        for what, x, needed in (("network", network, "getParameters training"), ("criterion", criterion, "backward")):
            if isinstance(x, type) or not all(callable(getattr(x, name, None)) for name in needed.split()):
                kind = "module" if what == "network" else what
                bridge = "; as_nn() makes one of it" if hasattr(x, "as_nn") and not isinstance(x, type) else ""
                raise TypeError(f"optim.Trainer: the {what} is a {kind} of nn, not {x!r}{bridge}")
        self.network, self.criterion, self.method = network, criterion, method
        self.config = {} if config is None else config
        self.schedule, self.metrics = schedule, dict(metrics or {})
        self.hooks = [as_hook(hook) for hook in hooks]
        self.base = self.config.get("learningRate")
        if schedule is not None and self.base is None:
            raise ValueError("optim.Trainer: a schedule starts from config['learningRate'], which is not given")
        self.epoch, self.epochs, self.verbose = 0, 0, True
        self.row: dict[str, Any] = {}
        self.history: list[dict[str, Any]] = []
        self.scored: str | None = None
        self.highest = False
        self.stopped: str | None = None
        self.input = self.target = self.loss = self.parameters = self.gradParameters = None
        self._finite, self._calls = True, {}
        self._whole = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._whole:
            doubt_field("optim.Trainer", self, name)
        super().__setattr__(name, value)

    def add(self, hook: Any) -> Trainer:
        """Add a hook; returns the trainer."""
        self.hooks.append(as_hook(hook))
        return self

    def stop(self, reason: str = "asked to") -> None:
        """Let training end with this epoch; ``stopped`` holds the reason."""
        self.stopped = reason

    @property
    def sign(self) -> int:
        """1 where the smallest score is best, -1 where the largest is."""
        return -1 if self.highest else 1

    def train(
        self,
        data: Any,
        validation: Any = None,
        epochs: int = 25,
        batchsize: int = 32,
        shuffle: bool = True,
        resume: bool = False,
    ) -> list[dict[str, Any]]:
        """Train until ``epochs`` are done; returns ``history``.

        ``data``, ``validation``: a loader, a tuple ``(inputs, targets)`` of arrays, a list of examples, or a function
        that returns an iterator of batches. ``resume``: go on from the newest of the hooks' checkpoints, as if
        training had not ended; the network object is the same, with what the file holds. Another call trains on.
        """
        if isinstance(batchsize, bool) or not isinstance(batchsize, int) or batchsize < 1:
            raise ValueError(f"optim.Trainer: batchsize is a whole number from 1, got {batchsize!r}")
        data, validation = prepared(data), None if validation is None else prepared(validation)
        if resume:
            self._resume()
        self._set_up(validation is not None, epochs)
        self._call("onStart")
        while self.epoch < self.epochs and self.stopped is None:
            self.epoch += 1
            started = time.perf_counter()
            self._call("onStartEpoch")
            metrics = self.metrics if validation is None else {}
            self._finish(self._pass(data, batchsize, shuffle, metrics), validation, batchsize, started)
        if self.stopped is not None and self.verbose:
            print(f"# stopped: {self.stopped}")
        self._call("onEnd")
        return self.history

    def _set_up(self, validated: bool, epochs: int) -> None:
        self.parameters, self.gradParameters = self.network.getParameters()
        self.scored = self.scored or (VALIDATION if validated else LOSS)
        self.epochs, self.stopped, self._finite = epochs, None, True
        hooks = [*([] if self.schedule is None else [self.schedule]), *self.hooks]
        hooks.sort(key=lambda hook: isinstance(hook, Saving))  # what is saved is what the others left
        self._calls = {event: [getattr(h, event) for h in hooks if hasattr(h, event)] for event in EVENTS}

    def _call(self, event: str) -> None:
        for call in self._calls[event]:
            call(self)

    def _pass(self, data: Any, batchsize: int, shuffle: bool, metrics: Mapping[str, Any]) -> dict[str, float]:
        """One epoch of steps; the means of the loss and, as they come, of ``metrics``."""
        self.network.training()
        forget(self.network)
        total, means = samples_of(data), Means()
        bar = progress_bar(total, "sample", self.verbose)
        for n, self.input, self.target in batches(data, batchsize, shuffle):
            if self.schedule is not None:
                part = means.count / total if total else 0.0
                self.config["learningRate"] = self.schedule(self.base, self.epoch - 1 + min(part, 1.0))
            self._call("onSample")
            _, losses, *_ = self.method(self._evaluate, self.parameters, self.config)
            self.loss = float(losses[0])
            self._call("onUpdate")
            means.add(n, {LOSS: self.loss, **measured(metrics, self.network.output, self.target)})
            bar.update(n)
            bar.set_postfix_str(f"loss {means.values[LOSS] / means.count:.4g}", refresh=False)
        bar.close()
        return means.result()

    def _evaluate(self, _: Any) -> tuple[float, Any]:
        self.gradParameters.fill(0)
        output = self.network.forward(self.input)
        loss = self.criterion.forward(output, self.target)
        self._call("onForward")
        self.network.backward(self.input, self.criterion.backward(output, self.target))
        self._call("onBackward")
        return loss, self.gradParameters

    def test(self, data: Any, batchsize: int = 32) -> dict[str, float]:
        """The means of the loss and the metrics over ``data``, in evaluation mode; then the network trains again."""
        self.network.evaluate()
        forget(self.network)
        means = Means()
        for n, input, target in batches(data, batchsize, False):
            output = self.network.forward(input)
            means.add(n, {LOSS: self.criterion.forward(output, target), **measured(self.metrics, output, target)})
        self.network.training()
        forget(self.network)
        return means.result()

    def _finish(self, trained: dict[str, float], validation: Any, batchsize: int, started: float) -> None:
        """The row of the epoch: into the history, to the hooks, to the screen."""
        seconds = time.perf_counter() - started
        samples = trained.pop("samples")
        given = self.config.get("learningRate")  # None: the method's own
        rate = {} if given is None else {"learning rate": given}
        self.row = {"epoch": self.epoch, **rate, **trained}
        if validation is not None:
            tested = self.test(validation, batchsize)
            self.row |= {VALIDATION: tested.pop(LOSS)} | {name: tested[name] for name in self.metrics}
        self._doubt(self.row[LOSS])
        self.history.append(self.row)
        if self.scored not in self.row:
            raise ValueError(f"optim.Trainer: no column is called {self.scored!r}; there are {', '.join(self.row)}")
        self._call("onEndEpoch")
        if self.verbose:
            print(line(self.row, self.epochs, samples / seconds, time.perf_counter() - started))

    def _doubt(self, loss: float) -> None:
        if self._finite and not math.isfinite(loss):
            self._finite = False
            message = f"optim.Trainer: the loss of epoch {self.epoch} is {'NaN' if math.isnan(loss) else 'infinite'}"
            warnings.warn(message, RuntimeWarning, stacklevel=4)

    # -- checkpoints

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps of the trainer beside the network and the settings."""
        return {"base": self.base, "history": self.history, "hooks": [dict(s) for s in self._states()]}

    def _states(self) -> list[dict[str, Any]]:
        return [getattr(hook, "state", {}) for hook in (self.schedule, *self.hooks)]

    def _resume(self) -> None:
        saving = next((hook for hook in self.hooks if isinstance(hook, Saving)), None)
        if saving is None:
            raise ValueError("optim.Trainer: to resume, give optim.Checkpoints(folder) among the hooks")
        found = saving.checkpoints.resume()
        if found is None:
            return
        self.take(found["network"])
        self.config.clear()
        self.config.update(found["config"])
        self.epoch, kept = found["epoch"], found["trainer"]
        self.base, self.history = kept.get("base"), [dict(row) for row in kept["history"]]
        for hook in self.hooks:
            if isinstance(hook, Logging):
                hook.logger.rewrite(self.history)
        for state, saved in zip(self._states(), kept["hooks"]):
            state.update(saved)

    def take(self, network: Any) -> None:
        """Let the trained network, the object that the program has, be what ``network`` is."""
        if type(network) is not type(self.network):
            raise ValueError(f"optim.Trainer trains a {type(self.network).__name__}, not a {type(network).__name__}")
        vars(self.network).clear()
        vars(self.network).update(vars(network))

    def __repr__(self) -> str:
        name = getattr(self.method, "__name__", self.method)
        return (
            f"optim.Trainer(optim.{name}, epoch {self.epoch}, {self.schedule or 'one rate'}, {len(self.hooks)} hooks)"
        )


def forget(network: Any) -> None:
    """Let recurrent layers begin anew, where package rnn is there."""
    begin = getattr(network, "forget", None)
    if begin is not None:
        begin()
