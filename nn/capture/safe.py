"""Which modules and criterions may be captured.

What they compute must be computed by kernels alone, in buffers that they keep, without counters, or decisions of
Python's that depend on elements, and without random numbers but those that a GPU draws itself. A first run beside the
modules, on other numbers, proves each capture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays, gpu_random, registry
from torch7.generator import current

from ..criterion_base import Criterion
from ..module import Module
from .places import is_tensor

#: Classes of nn. Others, subclasses and modules with a method of their own are never captured.
MODULES = {"Sequential", "Identity", "Linear", "View", "Reshape", "Tanh", "Sigmoid", "LogSigmoid", "ReLU"}
MODULES |= {"ReLU6", "Threshold", "LeakyReLU", "ELU", "SoftPlus", "SoftSign", "HardTanh", "Clamp", "HardShrink"}
MODULES |= {"SoftShrink", "SoftMax", "LogSoftMax", "SpatialSoftMax", "SoftMin", "SpatialLogSoftMax", "Abs"}
MODULES |= {"Square", "Sqrt", "Exp", "Log", "SpatialConvolution", "SpatialConvolutionMM"}
MODULES |= {"SpatialDilatedConvolution", "SpatialFullConvolution", "TemporalConvolution"}
MODULES |= {"VolumetricConvolution", "VolumetricFullConvolution", "SpatialConvolutionLocal"}
MODULES |= {"SpatialConvolutionMap", "SpatialDepthWiseConvolution", "SpatialMaxPooling"}
MODULES |= {"SpatialDilatedMaxPooling", "SpatialAveragePooling", "TemporalMaxPooling", "VolumetricMaxPooling"}
MODULES |= {"VolumetricDilatedMaxPooling", "VolumetricAveragePooling", "SpatialAdaptiveMaxPooling"}
MODULES |= {"SpatialAdaptiveAveragePooling", "SpatialCrossMapLRN", "SpatialUpSamplingNearest"}
MODULES |= {"SpatialUpSamplingBilinear", "BatchNormalization", "SpatialBatchNormalization"}
MODULES |= {"VolumetricBatchNormalization", "ConcatTable", "ParallelTable", "Concat", "CAddTable", "CSubTable"}
MODULES |= {"CMulTable", "JoinTable", "SelectTable", "NarrowTable", "FlattenTable"}
MODULES |= {"Bottle", "Collapse", "Contiguous", "Squeeze", "Unsqueeze", "GatedLinearUnit", "SpatialSubSampling"}
MODULES |= {"TemporalSubSampling", "SpatialZeroPadding", "SpatialReflectionPadding", "SpatialReplicationPadding"}
MODULES |= {"VolumetricReplicationPadding", "SpatialFullConvolutionMap", "VolumetricDilatedConvolution"}
#: Those of nngraph.
GRAPHS = {"gModule", "JustElement", "JustTable"}
#: Those of rnn: a whole sequence is a kernel.
SEQUENCES = {"SeqLSTM", "SeqLSTMP", "SeqGRU"}

#: Those whose noise a GPU may draw.
DRAWING = {"Dropout", "SpatialDropout", "VolumetricDropout", "RReLU", "WhiteNoise"}
DRAWING |= {"SpatialFractionalMaxPooling", "VolumetricFractionalMaxPooling"}
DRAWING_OF_DPNN = {"TotalDropout", "SpatialRegionDropout"}

#: Those of rnn whose steps a GPU's graph holds, the state of a sequence beginning anew in each.
RECURRENT = {"Sequencer", "Recursor", "LSTM", "FastLSTM", "GRU", "Recurrent", "LinearNoBias", "SAdd"}
#: Those of nn that a GPU's graph holds, though not all of their work is done by kernels of the CPU.
THERE = {"SplitTable", "CMul", "Add", "Mul", "MulConstant", "AddConstant", "LookupTable"}

#: Those of rnn whose steps are kernels of the CPU, the state of a sequence beginning anew in each; and what is in the
#: networks of steps, which kernels run as long as they are as their classes build them.
HERE = {"Sequencer", "Repeater", "Recursor", "LinearNoBias"}
CELLS = {"LSTM", "FastLSTM", "GRU"}
IN_CELLS = {"SplitTable", "CMul", "Dropout"}

#: Criterions of rnn that have one criterion for every step.
OF_STEPS = {"SequencerCriterion", "RepeaterCriterion"}

#: What is called on modules and criterions, and must be their class's own.
METHODS = "forward", "updateOutput", "updateGradInput", "backward"


def is_safe(module: Any) -> bool:
    """Whether a module and all in it may be captured."""
    return isinstance(module, Module) and not refused(module)


def refused(owner: Any, place: str = "", in_cell: bool = False) -> str:
    """The first module, or the criterion, that may not be captured, and its place; empty where all may."""
    if isinstance(owner, Criterion):
        return "" if is_safe_criterion(owner) else registry.class_name(type(owner))
    if not _is_safe(owner) and not (in_cell and _is_of_cells(owner)):
        return f"{registry.class_name(type(owner))}{f' (at {place})' if place else ''}"
    in_cell |= _of(owner, CELLS, "rnn.") and owner._type not in arrays.CUDA_TYPES
    for n, inner in enumerate(vars(owner).get("modules", ()), 1):
        if found := refused(inner, f"{place}.{n}" if place else str(n), in_cell):
            return found
    return ""


def in_steps_alone(owner: Any) -> bool:
    """Whether a pass leaves counts of steps behind that only the next one takes back, as in recurrent modules.

    Or a criterion of steps on the CPU, whose loss is of several kernels.
    """
    if isinstance(owner, Criterion):
        return type(owner).__name__ in OF_STEPS and type(_gradient_of(owner.criterion)) is np.ndarray
    return any("sharedClones" in vars(x) for x in owner.listModules())


def is_safe_criterion(criterion: Any) -> bool:
    """Whether the loss of a criterion can be told from what its kernel returns, or on a GPU from its graph."""
    if not isinstance(criterion, Criterion):
        return False
    if _of(criterion, OF_STEPS, "rnn."):
        x = _gradient_of(criterion.criterion)
        mean = vars(criterion).get("sizeAverage") and isinstance(x, np.ndarray)
        return is_tensor(x) and not mean and _of(criterion.criterion, LOSSES)
    return _of(criterion, LOSSES)


def _gradient_of(criterion: Any) -> Any:
    return vars(of_classes(criterion)).get("gradInput") if isinstance(criterion, Criterion) else None


def _of(x: Any, names: Any, package: str = "nn.") -> bool:
    cls = type(x)
    own = any(callable(value) and not isinstance(value, type | Module | Criterion) for value in vars(x).values())
    return cls.__name__ in names and cls.__module__.startswith(package) and not own


def _is_safe(module: Any) -> bool:
    """Whether it is such a module, a graph that prints nothing, or a sequence that looks for no zeros.

    Noise is drawn on a GPU, and anew for every pass.
    """
    if _of(module, GRAPHS, "nngraph."):
        return not vars(module).get("verbose")
    if _of(module, DRAWING) or _of(module, DRAWING_OF_DPNN, "dpnn."):
        draws = vars(module).get("p") != 0
        if draws and (vars(module).get("lazy") or not gpu_random.own(current())):
            return False
        return module._type in arrays.CUDA_TYPES
    if module._type not in arrays.CUDA_TYPES:
        if _of(module, CELLS, "rnn."):
            return module._fuses()
        if _of(module, HERE, "rnn."):
            return True
        if _of(module, {"LookupTable"}):
            return module.maxNorm is None and not module.shouldScaleGradByFreq
    elif _of(module, RECURRENT, "rnn.") or _of(module, THERE):
        return True
    return _of(module, MODULES) or (_of(module, SEQUENCES, "rnn.") and not vars(module).get("maskzero"))


def _is_of_cells(module: Any) -> bool:
    """Whether a module is in the network of a step as the classes of cells build it."""
    return _of(module, {"SAdd"}, "rnn.") or (_of(module, IN_CELLS) and not vars(module).get("p"))


def criterions_of(criterion: Any) -> list[Any]:
    """A criterion, and what it is made of."""
    if type(criterion).__name__ in OF_STEPS:
        parts = [criterion.criterion, *criterion.clones]
        return [criterion, *(x for part in parts for x in criterions_of(part))]
    inside = (criterion.lsm, criterion.nll) if type(criterion).__name__ == "CrossEntropyCriterion" else ()
    return [criterion, *inside]


def losses_of(criterion: Any) -> list[Any]:
    """A criterion and what it is made of, as far as that has the same loss."""
    of_steps = type(criterion).__name__ in OF_STEPS
    return [criterion] if of_steps else [x for x in criterions_of(criterion) if isinstance(x, Criterion)]


def losses_of_steps(criterion: Any, input: Any) -> list[tuple[Any, Any]]:
    """The criterion of every step and what it gets; of others the criterion and ``input`` themselves."""
    if type(criterion).__name__ in OF_STEPS:
        return list(zip(criterion.clones, input))
    return [(criterion, input)]


def of_classes(criterion: Any) -> Any:
    """The criterion of classes that a criterion is, or is made of."""
    return criterions_of(criterion)[-1]


def _elementwise(criterion: Any, input: Any) -> Callable[[float], float]:
    norm = criterion.norm(input)

    def finish(total: float) -> float:
        criterion.output = loss = total * norm
        return loss

    return finish


def _classes(criterion: Any, input: Any) -> Callable[[float], float]:
    """The sum of the weights is no free result: it must be what it was."""
    tensor, weight = criterion.output_tensor, criterion.total_weight_tensor
    total = weight[0]
    divisor = float(total) if criterion.sizeAverage else 0.0

    def finish(loss: float) -> float:
        if divisor:
            loss /= divisor
        tensor[0] = criterion.output = loss
        weight[0] = total
        return loss

    return finish


def _cross_entropy(criterion: Any, input: Any) -> Callable[[float], float]:
    of_log_probabilities = _classes(criterion.nll, input)

    def finish(loss: float) -> float:
        criterion.output = loss = of_log_probabilities(loss)
        return loss

    return finish


#: Criterions -> how many fields of their kernel's result are the loss (None: all), and what makes the loss of it.
LOSSES: dict[str, tuple[int | None, Callable]] = {
    "MSECriterion": (None, _elementwise),
    "AbsCriterion": (None, _elementwise),
    "SmoothL1Criterion": (None, _elementwise),
    "ClassNLLCriterion": (1, _classes),
    "CrossEntropyCriterion": (1, _cross_entropy),
}
