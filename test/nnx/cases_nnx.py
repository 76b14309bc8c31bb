"""Cases of nnx: every class and its forms of input."""

import numpy as np

import nn
import nnx
from nn.testing import Case

CASES = []


def case(make, input, name, **options):
    CASES.append(Case(make, input, name=name, **options))


def whole(low, high, *shape):
    """A function that returns whole numbers from ``low`` to ``high``."""
    return lambda: np.random.default_rng(3).integers(low, high + 1, shape).astype(np.float64)


NO_INDEX_GRADIENT = {"input_gradient": "tokens have no gradient", "strict_types": "tokens are of any type"}
TOKENS = {**NO_INDEX_GRADIENT, "batch_of_samples": "sequences are always a batch"}


def remembering(make):
    layer = make()
    layer.remember_states = True
    return layer


# torch-rnn
SEQUENCES = (2, 3, 4)
for layer in (nnx.torch_rnn.LSTM, nnx.torch_rnn.GRU, nnx.VanillaRNN):
    name = f"torch-rnn {layer.__name__}"
    case(lambda layer=layer: layer(4, 5), SEQUENCES, name, wrong=((3, 4), (2, 3, 5)))
    case(lambda layer=layer: layer(4, 5), [(2, 5), SEQUENCES], f"{name} with h0", wrong=([(3, 5), SEQUENCES],))
    case(lambda layer=layer: layer(4, 5), (1, 1, 4), f"{name}, one step of one sample")
case(lambda: nnx.torch_rnn.LSTM(4, 5), [(2, 5), (2, 5), SEQUENCES], "torch-rnn LSTM with c0 and h0")
case(lambda: nn.TemporalAdapter(nn.Linear(4, 2)), SEQUENCES, "TemporalAdapter", wrong=((2, 4),))


def language_model(**settings):
    given = {"idx_to_token": list("abcde"), "wordvec_size": 3, "rnn_size": 4, "num_layers": 2, **settings}
    model = nn.LanguageModel(given)
    for layer in model.rnns:
        layer.remember_states = False
    return model


INDICES = {"input_gradient": "tokens have no gradient", "strict_types": "tokens are of any type"}
case(lambda: language_model(), whole(1, 5, 2, 3), "LanguageModel", waive=INDICES, wrong=((2, 3, 4),))
case(lambda: language_model(model_type="rnn", batchnorm=1), whole(1, 5, 2, 3), "LanguageModel, rnn", waive=INDICES)
case(lambda: language_model(dropout=0.5), whole(1, 5, 2, 3), "LanguageModel, dropout", waive=INDICES, stochastic=True)

# char-rnn
case(lambda: nnx.OneHot(5), whole(1, 5, 4), "OneHot of char-rnn", waive=INDICES)

# nnx
IMAGE, IMAGES = (2, 6, 7), (2, 3, 6, 7)
case(lambda: nn.SpatialPadding(1, 2, 0, -1), IMAGES, "SpatialPadding", batch=True)
case(lambda: nn.SpatialClassifier(nn.Linear(3, 2)), IMAGES, "SpatialClassifier", batch=True, wrong=((3, 4),))
case(lambda: nn.SpatialClassifier().add(nn.Linear(2, 4)).add(nn.Tanh()), IMAGE, "SpatialClassifier of one image")


def rows_of_pixels():
    classifier = nn.SpatialClassifier(nn.Linear(3, 2))
    classifier.spatialOutput = False
    return classifier


case(rows_of_pixels, IMAGES, "SpatialClassifier, rows")
KERNEL = np.outer([1.0, 2, 1], [1, 2, 3, 2, 1])
CONSTANT = {"input_gradient": "the mean of the deviations counts as a constant"}
NORMALIZED = {"waive": CONSTANT, "wrong": ((3, 6, 7), (2,))}
case(lambda: nn.SpatialNormalization(2, KERNEL), IMAGE, "SpatialNormalization", **NORMALIZED)
case(
    lambda: nn.SpatialNormalization(3, KERNEL, np.ones((3, 3))),
    IMAGES,
    "SpatialNormalization of a batch",
    batch=True,
    waive=CONSTANT,
)
case(lambda: nn.SpatialNormalization(1, KERNEL), (6, 7), "SpatialNormalization of a plane", waive=CONSTANT)
