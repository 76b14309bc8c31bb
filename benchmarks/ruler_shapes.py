"""The modules, criterions and shapes of ``benchmarks.ruler_inputs``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn
import rnn  # noqa: F401


def masked(module: Any) -> Any:
    module.maskzero = True
    return module


SIZES = [(1,), (37,), (5, 300), (400, 500)]
ELEMENTWISE: list[Callable[[], nn.Module]] = [
    *(getattr(nn, name) for name in ("Tanh", "Sigmoid", "ELU", "HardTanh", "HardShrink", "SoftShrink", "SoftPlus")),
    *(getattr(nn, name) for name in ("SoftSign", "LogSigmoid", "ReLU", "ReLU6", "Exp", "Square", "Abs")),
    *(getattr(nn, name) for name in ("TanhShrink", "SoftMax", "LogSoftMax", "SoftMin", "PReLU", "RReLU", "LeakyReLU")),
    lambda: nn.Threshold(0.25, -1),
    lambda: nn.Threshold(0.25, -1, True),
    lambda: nn.RReLU().evaluate(),
    lambda: nn.Clamp(-0.5, 0.75),
    lambda: nn.Power(2),
    lambda: nn.Mul(),
    lambda: nn.Normalize(2),
    lambda: nn.Max(1),
    lambda: nn.Min(1),
    lambda: nn.Mean(1),
]
POSITIVE: list[Callable[[], nn.Module]] = [nn.Sqrt, nn.Log]

#: Modules and the shapes of their inputs.
MODULES: list[tuple[Callable[[], nn.Module], list[tuple[int, ...]]]] = [
    (lambda: nn.PReLU(6), [(3, 6, 5, 5), (3, 6, 70, 70)]),
    (nn.GatedLinearUnit, [(8,), (64, 400), (900, 200)]),
    (nn.SpatialSoftMax, [(3, 5, 7), (4, 20, 60, 60)]),
    (nn.SpatialLogSoftMax, [(3, 5, 7), (4, 20, 60, 60)]),
    (nn.SoftMax, [(3, 5, 7), (4, 20, 60, 60), (7, 10000)]),
    (nn.LogSoftMax, [(7, 10000), (300, 10)]),
    (lambda: nn.Linear(5, 3), [(5,), (1, 5), (4, 5), (200, 5)]),
    (lambda: nn.Linear(37, 20), [(37,), (8, 37), (64, 37)]),
    (lambda: nn.Linear(20, 17, False), [(20,), (9, 20)]),
    (lambda: nn.Linear(500, 450), [(500,), (128, 500), (3, 500)]),
    (lambda: nn.Linear(700, 300, False), [(700,), (600, 700)]),
    (lambda: nn.LinearWeightNorm(40, 30), [(40,), (20, 40)]),
    (lambda: nn.Cosine(40, 30), [(40,), (20, 40)]),
    (lambda: nn.Euclidean(40, 30), [(40,), (20, 40), (300, 40)]),
    (lambda: nn.WeightedEuclidean(40, 30), [(40,), (20, 40), (300, 40)]),
    (lambda: nn.BatchNormalization(33), [(7, 33), (600, 33)]),
    (lambda: nn.BatchNormalization(1024, 1e-5, 0.1, False), [(128, 1024)]),
    (lambda: nn.BatchNormalization(33).evaluate(), [(7, 33), (600, 33)]),
    (lambda: nn.SpatialBatchNormalization(5), [(2, 5, 3, 4), (20, 5, 40, 40)]),
    (lambda: nn.SpatialBatchNormalization(5).evaluate(), [(2, 5, 3, 4), (20, 5, 40, 40)]),
    (lambda: nn.VolumetricBatchNormalization(5), [(2, 5, 3, 4, 5)]),
    (lambda: nn.LayerNormalization(30), [(20, 30)]),
    (lambda: nn.Max(2, 2), [(3, 4, 5), (60, 70, 80)]),
    (lambda: nn.Min(1, 2), [(4, 5), (60, 70, 80)]),
    (lambda: nn.Max(3, 3), [(3, 4, 5), (60, 70, 80)]),
    (lambda: nn.SpatialMaxPooling(2, 2), [(3, 8, 8), (9, 16, 32, 32), (2, 3, 13, 37)]),
    (lambda: nn.SpatialMaxPooling(3, 3, 2, 2, 1, 1).ceil(), [(2, 3, 13, 37), (8, 16, 55, 55)]),
    (lambda: nn.SpatialMaxPooling(5, 3, 1, 2), [(2, 3, 13, 37)]),
    (lambda: nn.SpatialDilatedMaxPooling(3, 3, 2, 1, 1, 1, 2, 1), [(2, 3, 13, 17), (8, 16, 40, 40)]),
    (lambda: nn.SpatialAveragePooling(2, 2, 2, 2), [(3, 8, 8), (9, 16, 32, 32), (2, 3, 13, 37)]),
    (lambda: nn.SpatialAveragePooling(3, 3, 2, 2, 1, 1).ceil(), [(2, 3, 13, 37), (8, 16, 55, 55)]),
    (lambda: nn.SpatialAveragePooling(3, 3, 2, 1, 1, 1).setCountExcludePad(), [(2, 3, 13, 37)]),
    (lambda: nn.SpatialAveragePooling(7, 7), [(2, 3, 13, 37), (8, 16, 40, 40), (4, 64, 7, 7)]),
    (lambda: nn.SpatialAdaptiveMaxPooling(5, 4), [(3, 9, 11), (8, 16, 40, 41)]),
    (lambda: nn.SpatialAdaptiveAveragePooling(5, 4), [(3, 9, 11), (8, 16, 40, 41)]),
    (lambda: nn.SpatialFractionalMaxPooling(2, 2, 4, 5), [(3, 9, 11), (2, 16, 40, 41)]),
    (lambda: nn.VolumetricFractionalMaxPooling(2, 2, 2, 4, 5, 3), [(3, 9, 11, 7)]),
    (lambda: nn.SpatialLPPooling(3, 2, 2, 2), [(3, 9, 11), (4, 3, 30, 31)]),
    (lambda: nn.VolumetricMaxPooling(2, 2, 2), [(2, 4, 6, 8), (4, 6, 10, 22, 24)]),
    (lambda: nn.VolumetricMaxPooling(3, 2, 3, 2, 1, 2, 1, 1, 1), [(2, 5, 6, 8), (4, 6, 10, 22, 24)]),
    (lambda: nn.VolumetricDilatedMaxPooling(2, 2, 2, 1, 1, 1, 0, 0, 0, 2, 1, 2), [(2, 5, 6, 8)]),
    (lambda: nn.VolumetricAveragePooling(2, 2, 2), [(2, 4, 6, 8), (4, 6, 10, 22, 24)]),
    (lambda: nn.VolumetricAveragePooling(3, 2, 3, 2, 1, 2), [(2, 5, 6, 8), (4, 6, 10, 22, 24)]),
    (lambda: nn.TemporalMaxPooling(3, 2), [(9, 5), (6, 90, 100)]),
    (lambda: nn.SpatialCrossMapLRN(5), [(7, 9, 9), (4, 40, 30, 30)]),
    (lambda: nn.SpatialSubSampling(3, 3, 2, 2, 1), [(3, 9, 9), (4, 3, 60, 60)]),
    (lambda: nn.TemporalSubSampling(5, 3, 2), [(9, 5), (6, 90, 5)]),
    (lambda: nn.TemporalConvolution(5, 7, 3), [(9, 5), (6, 90, 5)]),
    (lambda: nn.TemporalConvolution(64, 96, 5, 2), [(9, 64), (6, 90, 64)]),
    (lambda: nn.TemporalRowConvolution(5, 3), [(9, 5), (6, 90, 5)]),
    (lambda: nn.TemporalRowConvolution(64, 3, 2, True), [(64, 9), (6, 64, 90)]),
    (lambda: nn.SpatialConvolution(1, 6, 5, 5), [(1, 32, 32), (32, 1, 32, 32)]),
    (lambda: nn.SpatialConvolution(6, 16, 5, 5), [(32, 6, 14, 14)]),
    (lambda: nn.SpatialConvolution(64, 64, 3, 3, 1, 1, 1, 1), [(4, 64, 17, 18)]),
    (lambda: nn.SpatialConvolution(20, 33, 3, 3, 2, 2, 1, 1), [(4, 20, 17, 18), (20, 9, 11)]),
    (lambda: nn.SpatialConvolution(64, 40, 1, 1), [(4, 64, 17, 18)]),
    (lambda: nn.SpatialFullConvolution(33, 20, 4, 4, 2, 2, 1, 1), [(4, 33, 9, 8)]),
    (lambda: nn.SpatialFullConvolution(24, 3, 4, 4, 2, 2, 1, 1), [(4, 24, 9, 8), (24, 3, 3)]),
    (lambda: nn.SpatialDilatedConvolution(20, 33, 3, 3, 1, 1, 2, 2, 2, 2), [(4, 20, 17, 18)]),
    (lambda: nn.VolumetricConvolution(5, 18, 3, 3, 3, 1, 2, 1, 1, 1, 1), [(2, 5, 6, 9, 10)]),
    (lambda: nn.VolumetricFullConvolution(18, 5, 3, 3, 3, 2, 2, 2, 1, 1, 1), [(2, 18, 4, 5, 6)]),
    (lambda: nn.SpatialDepthWiseConvolution(6, 3, 3, 3), [(2, 6, 20, 21)]),
    (lambda: nn.SpatialConvolutionLocal(3, 5, 19, 21, 3, 3, 2, 1, 1, 1), [(3, 21, 19), (20, 3, 21, 19)]),
    (lambda: nn.SpatialConvolutionMap(nn.tables.random(6, 9, 4), 5, 5), [(6, 14, 15), (20, 6, 34, 35)]),
    (lambda: nn.SpatialConvolutionMap(nn.tables.full(3, 4), 3, 2, 2, 1), [(6, 3, 34, 35)]),
    (lambda: nn.SpatialFullConvolutionMap(nn.tables.random(6, 9, 4), 5, 5, 2, 2), [(6, 9, 10), (20, 6, 14, 15)]),
    (lambda: nn.SpatialUpSamplingNearest(3), [(2, 5, 6), (4, 5, 30, 31)]),
    (lambda: nn.SpatialUpSamplingBilinear(3), [(2, 5, 6), (4, 5, 30, 31)]),
    (lambda: nn.SpatialReflectionPadding(1, 2, 3, 1), [(2, 5, 6), (4, 5, 30, 31)]),
    (lambda: nn.SpatialReplicationPadding(1, 2, 3, 1), [(2, 5, 6), (4, 5, 30, 31)]),
    (lambda: nn.VolumetricReplicationPadding(1, 2, 3, 1, 2, 2), [(2, 5, 6, 7)]),
    (lambda: nn.Sequential().add(nn.SplitTable(1)).add(nn.MM()), [(2, 9, 9), (2, 3, 70, 70)]),
    (lambda: nn.Sequential().add(nn.SplitTable(1)).add(nn.MM(True, False)), [(2, 9, 9), (2, 3, 70, 70)]),
    (lambda: nn.Sequential().add(nn.SplitTable(1)).add(nn.Bilinear(30, 30, 20)), [(2, 40, 30)]),
    (lambda: nn.SeqLSTM(7, 5), [(4, 3, 7)]),
    (lambda: nn.SeqLSTM(40, 48), [(9, 20, 40)]),
    (lambda: nn.SeqLSTM(128, 128), [(6, 150, 128)]),
    (lambda: masked(nn.SeqLSTM(40, 48)), [(9, 20, 40)]),
    (lambda: nn.SeqLSTMP(40, 48, 24), [(9, 20, 40)]),
    (lambda: nn.SeqGRU(7, 5), [(4, 3, 7)]),
    (lambda: nn.SeqGRU(40, 48), [(9, 20, 40)]),
    (lambda: nn.SeqGRU(128, 128), [(6, 150, 128)]),
    (lambda: masked(nn.SeqGRU(40, 48)), [(9, 20, 40)]),
    (lambda: nn.Sequencer(nn.LSTM(7, 5)), [(4, 3, 7), (4, 7)]),
    (lambda: nn.Sequencer(nn.LSTM(40, 64)), [(6, 70, 40)]),
    (lambda: nn.Sequencer(nn.FastLSTM(40, 64)), [(6, 70, 40)]),
    (lambda: nn.Sequencer(nn.GRU(7, 5)), [(4, 3, 7), (4, 7)]),
    (lambda: nn.Sequencer(nn.GRU(40, 64)), [(6, 70, 40)]),
]

CRITERIONS: list[Callable[[], nn.Criterion]] = [
    *(getattr(nn, f"{name}Criterion") for name in ("Abs", "MSE", "SmoothL1", "DistKLDiv", "BCE", "SoftMargin")),
    nn.MultiLabelSoftMarginCriterion,
    nn.MarginCriterion,
    nn.HingeEmbeddingCriterion,
]
LABELLED: list[Callable[[], nn.Criterion]] = [
    *(nn.ClassNLLCriterion, nn.CrossEntropyCriterion, nn.MultiMarginCriterion),
    lambda: nn.ClassNLLCriterion(np.linspace(0.5, 1, 40)),
    lambda: nn.MultiMarginCriterion(2, np.linspace(0.5, 1, 40), 0.5),
]

# images, planes, size, outputs, kernel, stride, pad, dilation, groups
CONVOLUTIONS = [
    (3, 32, (20, 21), 48, (3, 3), (2, 1), (1, 1), (1, 1), 1),
    (2, 24, (12, 13), 36, (3, 3), (1, 1), (1, 1), (1, 1), 2),
    (2, 6, (11, 13), 8, (3, 3), (2, 2), (2, 1), (2, 1), 2),
    (3, 7, (9, 9), 7, (3, 3), (1, 1), (1, 1), (1, 1), 7),
    (19, 2, (12, 40), 3, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (2, 3, (50,), 4, (5,), (2,), (1,), (1,), 1),
    (2, 40, (50,), 70, (5,), (2,), (1,), (1,), 1),
    (2, 2, (5, 6, 20), 2, (2, 3, 3), (1, 2, 1), (1, 0, 1), (1, 1, 2), 1),
    (2, 9, (6, 5, 7), 41, (3, 2, 3), (1, 2, 1), (1, 0, 1), (1, 1, 2), 1),
    (2, 12, (14, 14), 6, (5, 5), (1, 1), (0, 0), (1, 1), 1),
    (3, 3, (60, 61), 64, (11, 11), (4, 4), (2, 2), (1, 1), 1),
    (3, 3, (60, 61), 64, (7, 7), (2, 2), (3, 3), (1, 1), 1),
    (2, 512, (5, 5), 48, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (5, 64, (13, 9), 64, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (3, 80, (8, 8), 96, (3, 3), (1, 1), (0, 0), (1, 1), 1),
    (2, 64, (14, 15), 64, (5, 5), (1, 1), (2, 2), (1, 1), 1),
    (5, 256, (6, 6), 256, (3, 3), (1, 1), (1, 1), (1, 1), 1),
]
# m, n, K
PRODUCTS = [(1, 1, 1), (3, 5, 7), (20, 33, 17), (130, 70, 300), (7, 500, 260), (500, 9, 31), (64, 128, 0)]
