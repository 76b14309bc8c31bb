"""Which operations there are, where each one is, and who computes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays
from torch7.forking import imported

#: Room -> file -> its operations. ``Tanh_updateOutput``, ``Tanh_updateGradInput`` are the entries of operation Tanh.
OPERATIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "transfer": {
        "elu": ("ELU",),
        "gated_linear": ("GatedLinear",),
        "hard_shrink": ("HardShrink",),
        "hard_tanh": ("HardTanh",),
        "leaky_relu": ("LeakyReLU",),
        "log_sigmoid": ("LogSigmoid",),
        "piecewise": ("Rectifier", "Clip", "HardZero", "SoftZero", "HardSigmoid", "HardSwish"),
        "prelu": ("PReLU",),
        "rrelu": ("RReLU",),
        "sigmoid": ("Sigmoid",),
        "smooth": ("ExponentialLinear", "SmoothRectifier", "SoftRatio", "TanhRest", "SiLU", "Mish", "TanhGELU", "GELU"),
        "soft_max": ("SoftMax", "LogSoftMax"),
        "soft_plus": ("SoftPlus",),
        "soft_shrink": ("SoftShrink",),
        "soft_sign": ("SoftSign",),
        "tanh": ("Tanh",),
        "threshold": ("Threshold",),
    },
    "simple": {
        "attention": ("Attention",),
        "batch_normalization": ("BatchNormalization",),
        "cadd": ("cadd",),
        "clear": ("clear",),
        "cosine_rows": ("CosineRows",),
        "dropout": ("Dropout",),
        "elementwise": ("Abs", "Cube", "CubeRoot", "Exp", "Log", "RootOfSum", "Sqrt", "Square"),
        "euclidean": ("Euclidean",),
        "index": ("Index",),
        "index_linear": ("IndexLinear",),
        "join": ("Sum", "Difference", "ElementProduct", "Negative", "Copy", "RectifiedSum", "Join"),
        "linear": ("Linear",),
        "max": ("Max",),
        "mm": ("MM",),
        "row_normalization": ("RowNormalization",),
        "soft_max_tree": ("SoftMaxTree",),
        "sparse_linear": ("SparseLinear",),
    },
    "convolution": {
        "axes_gather": ("AxesGather",),
        "axis_taps": ("AxisTaps", "PlaneTaps"),
        "bilinear_sampler": ("BilinearSampler",),
        "convolution": ("Convolution",),
        "embedding_bag": ("EmbeddingBag",),
        "fractional_max_pooling": ("FractionalMaxPooling",),
        "full_convolution": ("FullConvolution",),
        "lookup_table": ("LookupTable",),
        "pixel_shuffle": ("PixelShuffle",),
        "point_taps": ("PointTaps",),
        "roi_pooling": ("ROIPooling",),
        "spatial_adaptive_pooling": ("SpatialAdaptiveMaxPooling", "SpatialAdaptiveAveragePooling"),
        "spatial_average_pooling": ("SpatialAveragePooling",),
        "spatial_convolution_local": ("SpatialConvolutionLocal",),
        "spatial_convolution_map": ("SpatialConvolutionMap", "SpatialFullConvolutionMap"),
        "spatial_cross_map_lrn": ("SpatialCrossMapLRN",),
        "spatial_depth_wise_convolution": ("SpatialDepthWiseConvolution",),
        "spatial_dilated_max_pooling": ("SpatialDilatedMaxPooling",),
        "spatial_max_pooling": ("SpatialMaxPooling",),
        "spatial_max_unpooling": ("SpatialMaxUnpooling",),
        "spatial_sub_sampling": ("SpatialSubSampling",),
        "stochastic_pooling": ("StochasticPooling", "WeightedPooling"),
        "temporal_convolution": ("TemporalConvolution",),
        "temporal_max_pooling": ("TemporalMaxPooling",),
        "temporal_row_convolution": ("TemporalRowConvolution",),
        "temporal_sub_sampling": ("TemporalSubSampling",),
        "unfold": ("Unfold",),
        "up_sampling_linear": ("UpSamplingLinear",),
        "window_average_pooling": ("WindowAveragePooling",),
        "window_max_pooling": ("WindowMaxPooling",),
        "volumetric_pooling": ("VolumetricMaxPooling", "VolumetricMaxUnpooling", "VolumetricAveragePooling"),
    },
    "criterion": {
        "abs_criterion": ("AbsCriterion",),
        "bce_criterion": ("BCECriterion",),
        "class_nll_criterion": ("ClassNLLCriterion",),
        "class_rows": ("ClassRows", "ClassEntropy", "ClassLikelihood"),
        "cosine_embedding_criterion": ("CosineEmbeddingCriterion",),
        "cross_entropy_criterion": ("CrossEntropyCriterion",),
        "ctc": ("CTC",),
        "dist_kl_div_criterion": ("DistKLDivCriterion",),
        "element_losses": (
            "AbsoluteError",
            "SquaredError",
            "SmoothError",
            "HuberError",
            "LogitEntropy",
            "Divergence",
            "LogDivergence",
            "PoissonLoss",
            "BinaryEntropy",
            "LogisticLoss",
            "HingeError",
            "Product",
        ),
        "hinge_embedding_criterion": ("HingeEmbeddingCriterion",),
        "l1_cost": ("L1Cost",),
        "labels": ("Labels",),
        "margin_criterion": ("MarginCriterion",),
        "margin_ranking_criterion": ("MarginRankingCriterion",),
        "mse_criterion": ("MSECriterion",),
        "multi_label_margin_criterion": ("MultiLabelMarginCriterion",),
        "multi_label_soft_margin_criterion": ("MultiLabelSoftMarginCriterion",),
        "multi_margin_criterion": ("MultiMarginCriterion",),
        "smooth_l1_criterion": ("SmoothL1Criterion",),
        "soft_margin_criterion": ("SoftMarginCriterion",),
    },
    "rnn": {
        "gru_fused": ("GRUFused",),
        "gru_gates": ("GRUGates",),
        "lstm_gates": ("LSTMGates",),
        "lstm_fused": ("LSTMFused",),
        "seq_gru": ("SeqGRU",),
        "seq_lstm": ("SeqLSTM", "SeqLSTMP"),
    },
    "dpnn": {
        "nce_module": ("NCEModule",),
    },
    "cpu.simd": {
        "sums": ("dot", "rowSums"),
    },
}

#: THNN's other names for operations that are one here.
SAME_AS = {
    "SpatialConvolutionMM": "Convolution",
    "SpatialDilatedConvolution": "Convolution",
    "VolumetricConvolution": "Convolution",
    "VolumetricConvolutionMM": "Convolution",
    "VolumetricDilatedConvolution": "Convolution",
    "SpatialFullConvolution": "FullConvolution",
    "SpatialFullDilatedConvolution": "FullConvolution",
    "VolumetricFullConvolution": "FullConvolution",
    "VolumetricFullDilatedConvolution": "FullConvolution",
    "SpatialDepthwiseConvolution": "SpatialDepthWiseConvolution",
    "SpatialFractionalMaxPooling": "FractionalMaxPooling",
    "VolumetricFractionalMaxPooling": "FractionalMaxPooling",
    "VolumetricDilatedMaxPooling": "VolumetricMaxPooling",
    "SpatialReflectionPadding": "AxesGather",
    "SpatialReplicationPadding": "AxesGather",
    "TemporalReflectionPadding": "AxesGather",
    "TemporalReplicationPadding": "AxesGather",
    "VolumetricReplicationPadding": "AxesGather",
    "SpatialUpSamplingNearest": "AxesGather",
    "TemporalUpSamplingNearest": "AxesGather",
    "VolumetricUpSamplingNearest": "AxesGather",
    "SpatialUpSamplingBilinear": "UpSamplingLinear",
    "TemporalUpSamplingLinear": "UpSamplingLinear",
    "VolumetricUpSamplingTrilinear": "UpSamplingLinear",
    "SpatialClassNLLCriterion": "ClassNLLCriterion",
    "Min": "Max",
}

_PLACES = {
    name: f"{__package__}.{room}.{file}" for room, files in OPERATIONS.items() for file in files for name in files[file]
}


def module_of(operation: str) -> str:
    """The module that holds an operation, by any of its names; ``AttributeError`` if there is none."""
    place = _PLACES.get(SAME_AS.get(operation, operation))
    if place is None:
        raise AttributeError(f"nn.thnn has no operation {operation!r}")
    return place


def cpu_entry(name: str) -> Callable:
    """The function on NumPy arrays of an entry such as ``Tanh_updateOutput``."""
    operation, separator, method = name.partition("_")
    module = imported(module_of(operation))
    imported("torch7.kernel_arguments").prove(__package__)
    imported("torch7.compiling").announce()
    return getattr(module, f"{SAME_AS.get(operation, operation)}{separator}{method}")


class Operation(dict):
    """An entry for every kind of array: type of the first argument -> the function that computes it.

    Where that is a tuple or list, its first array decides. What holds no array, sizes for instance, is the CPU's.
    """

    def __init__(self, name: str, cpu: Callable | None = None) -> None:
        super().__init__({np.ndarray: cpu_entry(name) if cpu is None else cpu})
        self.name = name

    def __missing__(self, kind: type) -> Callable:
        """The function on another kind of array, from what lies beside the CPU's."""
        if not arrays.is_array_type(kind):
            return self[np.ndarray]
        operation, separator, method = self.name.partition("_")
        module, own = module_of(operation), f"{SAME_AS.get(operation, operation)}{separator}{method}"
        found = imported(f"{__package__}.cuda.entries").entry(module, own)
        if found is None:
            raise NotImplementedError(
                f"{self.name} has no kernel for {kind.__module__}.{kind.__name__} yet "
                f"({module.rpartition('.')[2]}.cu is missing): call module.float() or module.double()"
            )
        self[kind] = found
        return found

    def __call__(self, first: Any, *rest: Any) -> Any:
        return self[_kind(first) or np.ndarray](first, *rest)


def _kind(value: Any) -> type | None:
    """The type of an array, or of the first one in a table; None if there is none in it."""
    if isinstance(value, tuple | list):
        return next((kind for kind in map(_kind, value) if kind is not None and arrays.is_array_type(kind)), None)
    return type(value)


def entry(name: str) -> Callable:
    """What the door gives for a name: until there are arrays on a GPU, the CPU's function itself."""
    return Operation(name) if arrays.cuda_is_used() else cpu_entry(name)
