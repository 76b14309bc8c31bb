"""Losses with their settings, inputs and targets; losses.npz has what PyTorch 2.13 gives for each."""

import numpy as np

R = np.random.default_rng(3)


def f(*s):
    return R.normal(size=s)


def u(*s):
    return R.uniform(0.02, 0.98, size=s)


def pm(*s):
    return R.choice([-1.0, 1.0], size=s)


cases = []


def add(name, inputs, extra=(), **k):
    for red in ("none", "mean", "sum"):
        cases.append((name, dict(k, reduction=red), inputs, extra))


for s in [(4, 5), (7,), (2, 3, 4)]:
    add("L1Loss", [f(*s)], [f(*s)])
    add("MSELoss", [f(*s)], [f(*s)])
    for b in (0.0, 0.5, 1.0):
        add("SmoothL1Loss", [f(*s)], [f(*s)], beta=b)
    add("HuberLoss", [f(*s)], [f(*s)], delta=0.7)
    add("SoftMarginLoss", [f(*s)], [pm(*s)])
    for lt in (True, False):
        add("KLDivLoss", [f(*s)], [f(*s) if lt else u(*s)], log_target=lt)
    cases.append(("KLDivLoss", {"reduction": "batchmean"}, [f(*s)], [u(*s)]))
    add("BCELoss", [u(*s)], [u(*s)])
    add("BCEWithLogitsLoss", [f(*s) * 5], [u(*s)])
    for li in (True, False):
        for fu in (True, False):
            add("PoissonNLLLoss", [f(*s) if li else u(*s)], [np.floor(u(*s) * 5)], log_input=li, full=fu)
    add("HingeEmbeddingLoss", [f(*s)], [pm(*s)], margin=0.6)
    add("MarginRankingLoss", [f(*s), f(*s)], [pm(*s)], margin=0.3)
    add("GaussianNLLLoss", [f(*s)], [f(*s), u(*s)], full=True)
add("GaussianNLLLoss", [f(4, 5)], [f(4, 5), u(4, 1)])
add("GaussianNLLLoss", [f(4, 5)], [f(4, 5), u(4)])
add("BCELoss", [u(4, 5)], [u(4, 5)], weight=u(5))
add("BCEWithLogitsLoss", [f(4, 5)], [u(4, 5)], weight=u(4, 1), pos_weight=u(5) * 3)
add("BCELoss", [np.array([0.0, 1.0, 0.5])], [np.array([1.0, 1.0, 0.2])])
for s, t in [((6, 5), (6,)), ((5,), ()), ((3, 5, 4), (3, 4)), ((2, 5, 3, 2), (2, 3, 2))]:
    T = R.integers(0, 5, size=t)
    T2 = np.where(R.uniform(size=t) < 0.4, 2, T)
    add("NLLLoss", [f(*s)], [T])
    add("CrossEntropyLoss", [f(*s)], [T])
    add("NLLLoss", [f(*s)], [T2], weight=u(5), ignore_index=2)
    add("CrossEntropyLoss", [f(*s)], [T2], weight=u(5), ignore_index=2, label_smoothing=0.2)
    add("CrossEntropyLoss", [f(*s)], [T2], weight=u(5), label_smoothing=0.2)
    add("CrossEntropyLoss", [f(*s)], [u(*s)], weight=u(5), label_smoothing=0.1)
    add("CrossEntropyLoss", [f(*s)], [u(*s)])
add("NLLLoss", [f(3, 4)], [np.array([-100, -100, -100])])
add("CrossEntropyLoss", [f(0, 4)], [np.zeros(0, int)])
for s, t in [((6, 5), (6,)), ((5,), ())]:
    for p in (1, 2):
        add("MultiMarginLoss", [f(*s)], [R.integers(0, 5, size=t)], p=p, margin=0.8, weight=u(5))
    add("MultiLabelSoftMarginLoss", [f(*s)], [np.round(u(*s))], weight=u(5))
    TT = np.full(s, -1)
    TT[..., 0] = R.integers(0, 5, size=t)
    TT[..., 1] = (TT[..., 0] + 2) % 5
    TT[..., 3] = 4
    add("MultiLabelMarginLoss", [f(*s)], [TT])
add("CosineEmbeddingLoss", [f(6, 4), f(6, 4)], [pm(6)], margin=0.1)
add("CosineEmbeddingLoss", [f(4), f(4)], [np.array(1.0)])
for p in (1.0, 2.0, 3.0, np.inf):
    for sw in (True, False):
        add("TripletMarginLoss", [f(6, 4), f(6, 4), f(6, 4)], [], p=p, swap=sw)


def lsm(x):
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


add("CTCLoss", [lsm(f(7, 3, 5))], [R.integers(1, 5, size=(3, 3)), np.array([7, 6, 4]), np.array([3, 2, 1])])
add("CTCLoss", [lsm(f(7, 3, 5))], [R.integers(1, 5, size=(6,)), np.array([7, 6, 4]), np.array([3, 2, 1])])
add(
    "CTCLoss",
    [lsm(f(7, 3, 5))],
    [np.array([[1, 1, 1], [2, 3, 2], [4, 4, 4]]), np.array([7, 6, 4]), np.array([3, 0, 3])],
    zero_infinity=True,
)
add(
    "CTCLoss",
    [lsm(f(7, 3, 5))],
    [np.array([[1, 1, 1], [2, 3, 2], [4, 4, 4]]), np.array([7, 6, 4]), np.array([3, 0, 3])],
)
add(
    "CTCLoss",
    [lsm(f(7, 3, 5))],
    [np.array([[0, 1, 1], [2, 3, 2], [3, 0, 3]]), np.array([7, 6, 4]), np.array([3, 2, 1])],
    blank=4,
)
add("CTCLoss", [lsm(f(7, 5))], [np.array([1, 2, 3]), np.array(7), np.array(3)])
