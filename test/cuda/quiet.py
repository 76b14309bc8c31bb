"""Steps that wait for nothing and make no new array once their buffers are there, and those that cannot.

Classes are named as in nn, rnn, dpnn and nngraph; those of nn.pytorch begin with ``tnn``.
"""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

import stand_in

from torch7 import arrays, gpu_random

#: Why classes wait in a step, in some of their cases at least -> those classes.
WAITS = {
    "the CPU draws": ("ReinforceCategorical ReinforceGamma SimpleColorTransform "),
    "a number decides what is computed, or is a factor": (
        "L1HingeEmbeddingCriterion ModuleFromCriterion NaN gModule tnn.NLLLoss "
    ),
    "tables of connections, lengths or targets are read on the CPU": (
        "SpatialContrastiveNormalization SpatialConvolutionMap SpatialDivisiveNormalization "
        "SpatialFullConvolutionMap SpatialSubtractiveNormalization tnn.CTCLoss tnn.EmbeddingBag "
    ),
    "the sizes of what follows depend on values": (
        "IndexLinear LookupTable MaskZeroCriterion MaskedSelect PairwiseDistance Sequencer SparseLinear "
        "TemporalDynamicKMaxPooling TrimZero tnn.AdaptiveLogSoftmaxWithLoss tnn.MultiLabelMarginLoss "
    ),
}
#: The same for classes that make new arrays.
ALLOCATES = {
    "CuPy's own functions compute a part, with results from its pool": (
        "ArgMax BCECriterion BiSequencerLM Bilinear BinaryClassReward BinaryLogisticRegression "
        "CategoricalEntropy ClassNLLCriterion ClassSimplexCriterion Cosine CosineDistance "
        "DistanceRatioCriterion FeatureLPPooling Index Kmeans L1HingeEmbeddingCriterion L1Penalty "
        "LinearWeightNorm MaskZero ModuleFromCriterion Mul MultiMarginCriterion NCECriterion NaN Normalize "
        "OneHot PCAColorTransform Padding RecurrentAttention ReinforceBernoulli ReinforceCategorical "
        "ReinforceGamma ReinforceNormal SeqBRNN SeqGRU SeqLSTM SeqLSTMP SeqReverseSequence Sequential "
        "SimpleColorTransform SpatialBinaryConvolution SpatialBinaryLogisticRegression "
        "SpatialContrastiveNormalization SpatialDivisiveNormalization SpatialGlimpse SpatialUniformCrop "
        "VRClassReward WeightNorm gModule tnn.AlphaDropout tnn.BCELoss tnn.BCEWithLogitsLoss tnn.Bilinear "
        "tnn.Both tnn.CTCLoss tnn.ChannelShuffle tnn.Conv1d tnn.Conv2d tnn.Conv3d tnn.ConvTranspose1d "
        "tnn.ConvTranspose2d tnn.ConvTranspose3d tnn.CosineEmbeddingLoss tnn.CrossEntropyLoss "
        "tnn.FeatureAlphaDropout tnn.FractionalMaxPool2d tnn.FractionalMaxPool3d tnn.GRU tnn.GRUCell "
        "tnn.GaussianNLLLoss tnn.InstanceNorm1d tnn.InstanceNorm2d tnn.InstanceNorm3d tnn.LSTM tnn.LSTMCell "
        "tnn.LinearCrossEntropyLoss tnn.LocalResponseNorm tnn.MarginRankingLoss tnn.MaxUnpool1d "
        "tnn.MaxUnpool2d tnn.MaxUnpool3d tnn.MultiLabelSoftMarginLoss tnn.MultiMarginLoss "
        "tnn.MultiheadAttention tnn.NLLLoss tnn.PReLU tnn.PoissonNLLLoss tnn.RNN tnn.RNNCell tnn.RReLU "
        "tnn.Residual tnn.Sequential tnn.Softmin tnn.Transformer tnn.TransformerDecoder "
        "tnn.TransformerDecoderLayer tnn.TransformerEncoder tnn.TransformerEncoderLayer tnn.TripletMarginLoss "
        "tnn.TripletMarginWithDistanceLoss tnn.Upsample "
    ),
    "the sizes of what follows depend on values": (
        "IndexLinear MaskZeroCriterion MaskedSelect PairwiseDistance Sequencer SparseLinear "
        "TemporalDynamicKMaxPooling TrimZero tnn.AdaptiveLogSoftmaxWithLoss tnn.MultiLabelMarginLoss "
        "tnn.PairwiseDistance "
    ),
    "words are sorted, in memory of CuPy's pool": (
        "LookupTable LookupTableMaskZero PartialLinear tnn.Embedding tnn.EmbeddingBag "
    ),
}
MAY_WAIT, MAY_ALLOCATE = ({kind for kinds in table.values() for kind in kinds.split()} for table in (WAITS, ALLOCATES))


def check(kind: str, step: Callable[[], object]) -> None:
    """A step of class ``kind``, run before, waits for nothing and makes nothing. The GPU draws its random numbers."""
    with mock.patch.object(gpu_random, "_seeded", arrays.cupy()):
        step()
        waits, _, allocations = stand_in.counted(step)
    assert kind in MAY_WAIT or not waits, f"{kind} waits: {waits}"
    assert kind in MAY_ALLOCATE or not allocations, f"{kind} makes arrays: {allocations}"
