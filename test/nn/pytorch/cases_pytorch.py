"""Cases of nn.pytorch for the battery: every class, with the settings that change what is computed."""

import numpy as np

import nn
import nn.pytorch as tnn
import nn.pytorch.functional as F
from nn.testing import Case

CASES = []


def case(make, input=(4, 5), name="", **options):
    CASES.append(Case(make, input, name, **options))


def numbers(*shape, seed=5):
    """Normal numbers that keep away from multiples of 0.1, where functions with a kink have no derivative."""
    return lambda: np.round(np.random.default_rng(seed).normal(size=shape), 1) + 0.037


def distinct(*shape):
    """Numbers of which no two are near, for maxima."""
    return lambda: np.random.default_rng(5).permutation(int(np.prod(shape))).reshape(shape) * 0.1


def inputs(*makes):
    return lambda: [make() for make in makes]


def integers(high, *shape, low=0):
    return lambda: np.random.default_rng(6).integers(low, high, shape)


def signs(*shape):
    return lambda: np.random.default_rng(7).choice([-1.0, 1.0], shape)


def units(*shape, seed=8):
    return lambda: np.random.default_rng(seed).uniform(0.05, 0.95, shape)


# activations
for cls in (tnn.ELU, tnn.SELU, tnn.CELU, tnn.Hardshrink, tnn.Softshrink, tnn.Hardtanh, tnn.LeakyReLU, tnn.LogSigmoid):
    case(cls, numbers(4, 5), batch=True)
for cls in (tnn.Sigmoid, tnn.Softsign, tnn.Tanh, tnn.Tanhshrink, tnn.ReLU, tnn.ReLU6, tnn.Softplus, tnn.SiLU, tnn.Mish):
    case(cls, numbers(4, 5), batch=True)
for cls in (tnn.Hardswish, tnn.Hardsigmoid, tnn.GELU):
    case(cls, numbers(2, 3, 4), batch=True)
case(lambda: tnn.GELU("tanh"), numbers(4, 5), batch=True)
case(lambda: tnn.Threshold(0.3, -0.2), numbers(4, 5), batch=True)
case(lambda: tnn.Softplus(2.5, 1.0), numbers(4, 5), batch=True)
case(lambda: tnn.RReLU(0.1, 0.4), numbers(4, 5), stochastic=True)
case(lambda: tnn.RReLU(0.1, 0.4), numbers(4, 5), name="RReLU in evaluation", evaluate=True)
case(lambda: tnn.PReLU(), numbers(4, 3))
case(lambda: tnn.PReLU(3), numbers(4, 3, 2), wrong=((4, 2, 2),))
for cls in (tnn.ReLU, tnn.ELU, tnn.Hardtanh, tnn.Dropout):
    case(lambda cls=cls: cls(inplace=True), numbers(4, 5), name=f"{cls.__name__} in place", inplace=True)
for cls in (tnn.Softmax, tnn.LogSoftmax, tnn.Softmin):
    case(lambda cls=cls: cls(dim=1), (3, 4))
    case(lambda cls=cls: cls(dim=-2), (2, 3, 4), name=f"{cls.__name__} over another dimension")
case(tnn.Softmax2d, (2, 3, 2, 2), batch=True, wrong=((2, 3),))
case(lambda: tnn.GLU(1), (3, 4), wrong=((3, 3),))

# linear maps and shapes
case(lambda: tnn.Linear(5, 3), batch=True, wrong=((4, 4), ()))
case(lambda: tnn.Linear(5, 3, bias=False), (2, 3, 5), name="Linear of 3 dimensions without bias")
case(lambda: tnn.Bilinear(3, 4, 2), [(5, 3), (5, 4)], wrong=([(5, 3), (4, 4)],))
case(tnn.Identity, batch=True, waive={"strict_types": "it returns whatever it gets"})
case(tnn.Flatten, (2, 3, 4))
case(lambda: tnn.Unflatten(1, (2, 3)), (4, 6), wrong=((4, 5),))

# convolution
for dims, sizes in ((1, (7,)), (2, (6, 5)), (3, (4, 3, 4))):
    conv, transposed = getattr(tnn, f"Conv{dims}d"), getattr(tnn, f"ConvTranspose{dims}d")
    wrong = ((2, 3, *sizes), (2, 4))
    case(lambda conv=conv: conv(4, 6, 2), (2, 4, *sizes), batch=True, wrong=wrong)
    settings = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": False}
    case(lambda conv=conv, s=settings: conv(4, 6, 2, **s), (2, 4, *sizes), batch=True)
    for mode in ("reflect", "replicate", "circular"):
        case(lambda conv=conv, m=mode: conv(2, 2, 2, padding=1, padding_mode=m), (1, 2, *sizes))
    case(lambda conv=conv: conv(2, 2, 2, padding="same"), (1, 2, *sizes))
    case(lambda t=transposed: t(4, 2, 2), (2, 4, *sizes), batch=True, wrong=wrong)
    settings = {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2, "dilation": 2}
    case(lambda t=transposed, s=settings: t(4, 2, 2, **s), (1, 4, *sizes))
case(lambda: tnn.Unfold(2, padding=1, stride=2), (2, 3, 4, 5), batch=True, wrong=((2, 3),))
case(lambda: tnn.Fold((4, 5), 2, dilation=2), (2, 8, 6), batch=True, wrong=((2, 7, 6),))

# pooling
for dims, sizes in ((1, (8,)), (2, (5, 6)), (3, (3, 4, 4))):
    make = {name: getattr(tnn, f"{name}{dims}d") for name in ("MaxPool", "AvgPool", "LPPool", "MaxUnpool")}
    for name in ("MaxPool", "AvgPool"):
        case(lambda m=make[name]: m(2), distinct(2, 3, *sizes), batch=True, wrong=((2,), (2, 3, *[1] * dims)))
        case(lambda m=make[name]: m(3, 2, 1, ceil_mode=True), distinct(2, 3, *sizes), batch=True)
    case(lambda m=make["MaxPool"]: m(2, dilation=2, return_indices=True), distinct(2, 3, *sizes))
    case(lambda m=make["AvgPool"]: m(3, 2, 1, count_include_pad=False), (2, 3, *sizes))
    case(lambda m=make["LPPool"]: m(2, 2, ceil_mode=True), units(2, 3, *sizes), batch=True)
    pooled, places = getattr(F, f"max_pool{dims}d")(distinct(2, 3, *sizes)(), 2, return_indices=True)
    unpooled = lambda y=pooled, i=places: [y.copy(), i.copy()]
    case(lambda m=make["MaxUnpool"]: m(2), unpooled, call={"output_size": sizes})
    for name, input in (("Max", distinct), ("Avg", numbers)):
        adaptive = getattr(tnn, f"Adaptive{name}Pool{dims}d")
        case(lambda m=adaptive: m(3), input(2, 3, *sizes), batch=True, wrong=((2,),))
        case(lambda m=adaptive: m(4), input(1, 2, *[3] * dims), name=f"Adaptive{name}Pool{dims}d to more places")
for dims in (2, 3):
    pool = getattr(tnn, f"FractionalMaxPool{dims}d")
    case(lambda pool=pool: pool(2, output_size=2), distinct(1, 2, *(5, 6, 4)[:dims]), stochastic=True)

# padding
for kind, settings in (("Reflection", ()), ("Replication", ()), ("Zero", ()), ("Constant", (0.7,)), ("Circular", ())):
    for dims in (1, 2, 3):
        pad, sizes = getattr(tnn, f"{kind}Pad{dims}d"), (3, 4, 2)[:dims]
        wrong = () if kind in ("Zero", "Constant") else ((2,),)
        case(lambda pad=pad, s=settings: pad(1, *s), (2, 2, *sizes), batch=True, wrong=wrong)
        amounts = (1, -1, 0, 1, 1, 0)[: 2 * dims]
        case(lambda pad=pad, a=amounts, s=settings: pad(a, *s), (1, 2, *sizes))

# normalisation
LINKED = {"batch_of_samples": "the statistics are those of the batch"}
for dims, sizes in ((1, (4,)), (2, (2, 3)), (3, (2, 1, 3))):
    norm, instance = getattr(tnn, f"BatchNorm{dims}d"), getattr(tnn, f"InstanceNorm{dims}d")
    case(lambda n=norm: n(3), (4, 3, *sizes), wrong=((4, 2, *sizes), (4,)))
    case(lambda n=norm: n(3), (4, 3, *sizes), name=f"BatchNorm{dims}d in evaluation", evaluate=True)
    case(lambda n=instance: n(3, affine=True), (2, 3, *sizes), batch=True, wrong=((2, 2, *sizes),))
    case(lambda n=instance: n(3, track_running_stats=True), (2, 3, *sizes), evaluate=True)
case(lambda: tnn.BatchNorm1d(3, affine=False), (5, 3))
case(lambda: tnn.SyncBatchNorm(3), (4, 3, 2), wrong=((4, 2, 2),))
case(lambda: tnn.GroupNorm(2, 4), (2, 4, 3), wrong=((2, 3, 3),))
case(lambda: tnn.LayerNorm((3, 2)), (2, 3, 2), batch=True, wrong=((2, 2, 3),))
case(lambda: tnn.LayerNorm(4, elementwise_affine=False), (2, 3, 4))
case(lambda: tnn.RMSNorm(4), (2, 3, 4), batch=True, wrong=((2, 3, 3),))
case(lambda: tnn.LocalResponseNorm(3, alpha=0.5), (2, 4, 3), wrong=((2, 4),))
case(lambda: tnn.LocalResponseNorm(2, alpha=0.5), (2, 4, 3, 2), name="LocalResponseNorm of an even size")
case(lambda: tnn.GroupNorm(2, 4), (2, 4, 40), name="GroupNorm of runs of more than a vector")

# dropout
for cls in (tnn.Dropout, tnn.AlphaDropout):
    case(lambda cls=cls: cls(0.4), (4, 5), stochastic=True)
    case(lambda cls=cls: cls(0.4), (4, 5), name=f"{cls.__name__} in evaluation", evaluate=True)
for cls, dims in ((tnn.Dropout1d, 1), (tnn.Dropout2d, 2), (tnn.Dropout3d, 3), (tnn.FeatureAlphaDropout, 2)):
    case(lambda cls=cls: cls(0.4), (2, 3, *[2] * dims), stochastic=True)

# sparse
case(lambda: tnn.Embedding(5, 3), integers(5, 4, 2), wrong=(lambda: np.array([5]),))
case(lambda: tnn.EmbeddingBag(5, 3), integers(5, 4, 2), name="EmbeddingBag of rows")
for mode in ("sum", "mean", "max"):
    bags = inputs(integers(5, 6), lambda: np.array([0, 2, 2]))
    case(lambda mode=mode: tnn.EmbeddingBag(5, 3, mode=mode), bags)

# recurrent
for cls in (tnn.RNN, tnn.LSTM, tnn.GRU):
    case(lambda cls=cls: cls(3, 2), (4, 2, 3), wrong=((4, 2, 2), (3,)))
    settings = {"num_layers": 2, "batch_first": True, "bidirectional": True}
    case(lambda cls=cls, s=settings: cls(3, 2, **s), (2, 3, 3))
case(lambda: tnn.LSTM(3, 3, proj_size=2, bias=False), (3, 2, 3), name="LSTM with a projection")
for cls in (tnn.RNNCell, tnn.GRUCell):
    case(lambda cls=cls: cls(3, 2), [(4, 3), (4, 2)], wrong=([(4, 3), (4, 3)],))
case(lambda: tnn.LSTMCell(3, 2), (4, 3), wrong=((4, 2),))

# attention and transformer
MASK = np.triu(np.ones((3, 3), bool), 1)
qkv = [(3, 2, 4)] * 3
case(lambda: tnn.MultiheadAttention(4, 2), qkv, wrong=([(3, 2, 4), (3, 2, 3), (3, 2, 4)],))
settings = {"add_bias_kv": True, "add_zero_attn": True, "kdim": 3, "vdim": 5, "batch_first": True}
case(lambda s=settings: tnn.MultiheadAttention(4, 2, **s), [(2, 3, 4), (2, 2, 3), (2, 2, 5)])
case(lambda: tnn.MultiheadAttention(4, 2), qkv, "attention, causal", call={"attn_mask": MASK, "need_weights": False})
case(lambda: tnn.TransformerEncoderLayer(4, 2, 3, 0.0), (3, 2, 4), call={"src_mask": MASK})
case(lambda: tnn.TransformerDecoderLayer(4, 2, 3, 0.0, norm_first=True), [(3, 2, 4), (2, 2, 4)])
case(
    lambda: tnn.TransformerEncoder(tnn.TransformerEncoderLayer(4, 2, 3, 0.3), 2, tnn.LayerNorm(4)),
    (2, 2, 4),
    stochastic=True,
)
case(lambda: tnn.TransformerDecoder(tnn.TransformerDecoderLayer(4, 2, 3, 0.0), 1), [(2, 1, 4), (2, 1, 4)])
case(lambda: tnn.Transformer(4, 2, 1, 1, 3, 0.0), [(2, 1, 4), (3, 1, 4)], call={"tgt_mask": MASK})

# vision and distance
case(lambda: tnn.PixelShuffle(2), (2, 4, 2, 3), batch=True, wrong=((2, 3, 2, 2),))
case(lambda: tnn.PixelUnshuffle(2), (2, 1, 4, 2), batch=True, wrong=((2, 1, 3, 2),))
case(lambda: tnn.ChannelShuffle(2), (2, 4, 3), wrong=((2, 3, 2),))
for mode, dims in (("nearest", 1), ("linear", 1), ("bilinear", 2), ("bicubic", 2), ("trilinear", 3), ("area", 2)):
    case(lambda mode=mode: tnn.Upsample(scale_factor=1.5, mode=mode), (2, 2, *(3, 4, 2)[:dims]), wrong=((2, 3),))
case(lambda: tnn.UpsamplingNearest2d(scale_factor=2), (1, 2, 2, 3))
case(lambda: tnn.UpsamplingBilinear2d((3, 5)), (1, 2, 2, 3))
case(lambda: tnn.CosineSimilarity(), [(3, 4), (3, 4)], wrong=([(3, 4), (3, 3)],))
case(lambda: tnn.PairwiseDistance(1.5, keepdim=True), [(3, 4), (3, 4)])

# losses; what has no gradient of its own, the target, is not differentiated
SAME = {"input_gradient": "the target has a gradient too, which the layer leaves out"}


def loss(make, *makes, **options):
    for reduction in ("mean", "sum", "none"):
        name = f"{make(reduction='mean')._get_name()} {reduction}"
        case(lambda r=reduction: make(reduction=r), inputs(*makes), name, waive=dict(SAME), **options)


x, y = numbers(4, 3), numbers(4, 3, seed=9)
for cls in (tnn.L1Loss, tnn.MSELoss, tnn.SmoothL1Loss, tnn.HuberLoss):
    loss(cls, x, y, wrong=([(4, 3), (4, 2)],))
loss(tnn.NLLLoss, x, integers(3, 4), wrong=(lambda: [x(), np.full(4, 3)],))
loss(
    lambda **s: tnn.NLLLoss(np.array([1.0, 0.5, 2.0]), ignore_index=1, **s),
    numbers(2, 3, 2),
    lambda: np.array([[0, 1], [2, 0]]),
)
loss(lambda **s: tnn.CrossEntropyLoss(label_smoothing=0.2, **s), x, integers(3, 4))
loss(lambda **s: tnn.LinearCrossEntropyLoss(3, 4, bias=True, **s), x, integers(4, 4))
loss(tnn.KLDivLoss, x, units(4, 3))
loss(tnn.BCELoss, units(4, 3), units(4, 3, seed=9))
loss(lambda **s: tnn.BCEWithLogitsLoss(pos_weight=np.array([1.0, 0.5, 2.0]), **s), x, units(4, 3))
loss(tnn.PoissonNLLLoss, x, integers(5, 4, 3))
loss(tnn.GaussianNLLLoss, x, y, units(4, 3))
loss(lambda **s: tnn.MarginRankingLoss(0.3, **s), x, y, signs(4, 3))
loss(lambda **s: tnn.HingeEmbeddingLoss(0.3, **s), x, signs(4, 3))
loss(lambda **s: tnn.CosineEmbeddingLoss(0.1, **s), x, y, signs(4))
loss(tnn.SoftMarginLoss, x, signs(4, 3))
loss(tnn.MultiLabelMarginLoss, x, lambda: np.array([[0, -1, 1], [2, 0, -1], [-1, 0, 0], [1, 0, 2]]))
loss(tnn.MultiLabelSoftMarginLoss, x, lambda: np.round(units(4, 3)()))
loss(lambda **s: tnn.MultiMarginLoss(2, **s), x, integers(3, 4))
loss(lambda **s: tnn.TripletMarginLoss(0.5, swap=True, **s), x, y, numbers(4, 3, seed=10))
loss(tnn.TripletMarginWithDistanceLoss, x, y, numbers(4, 3, seed=10))
case(
    lambda: tnn.CTCLoss(),
    lambda: [F.log_softmax(numbers(5, 2, 3)(), -1), np.array([[1, 2], [2, 2]]), np.array([5, 4]), np.array([2, 2])],
    waive={"input_gradient": "it is the gradient by the scores before log_softmax"},
)
case(lambda: tnn.AdaptiveLogSoftmaxWithLoss(4, 8, [2, 5], 2.0), inputs(numbers(3, 4), integers(8, 3)))


# containers, bridges and modules of one's own
class Residual(tnn.Module):
    """A module without a backward, with a layer used twice, a parameter of its own and keywords."""

    def __init__(self):
        super().__init__()
        self.layer, self.gain = tnn.Linear(3, 3), tnn.Parameter(np.ones(3))

    def forward(self, x, times=1.0):
        return x + self.gain * self.layer(F.tanh(self.layer(x))) * times


class Both(tnn.Module):
    """Children in a list and a dict, parameters in theirs."""

    def __init__(self):
        super().__init__()
        self.layers = tnn.ModuleList([tnn.Linear(3, 3), tnn.Tanh()])
        self.named = tnn.ModuleDict({"last": tnn.Linear(3, 2)})
        self.scales = tnn.ParameterList([tnn.Parameter(np.full(3, 0.5))])
        self.shifts = tnn.ParameterDict({"a": tnn.Parameter(np.full(2, 0.1))})

    def forward(self, x):
        for layer in self.layers:
            x = layer(x) * self.scales[0]
        return self.named["last"](x) + self.shifts["a"]


case(lambda: tnn.Sequential(tnn.Linear(5, 4), tnn.ReLU(inplace=True), tnn.Linear(4, 2)), numbers(4, 5), batch=True)
case(Residual, (4, 3), call={"times": 2.0})
case(Both, (4, 3))
case(lambda: tnn.DataParallel(tnn.Linear(5, 3)))
case(lambda: tnn.Torch7(nn.Linear(5, 3)))

WAIVED = {
    "Module": "the base", "RNNBase": "the base", "RNNCellBase": "the base",
    "CrossMapLRN2d": "its gradient is PyTorch's, not the derivative; see test_linear_cross_entropy",
}  # fmt: skip
WAIVED |= {
    name: "becomes the plain layer at its first input; see test_lazy" for name in vars(tnn) if name[:4] == "Lazy"
}
