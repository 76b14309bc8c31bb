"""from_torch and to_torch, where PyTorch is installed: settings that its modules keep under other names."""

import numpy as np
import pytest

import nn.pytorch as tnn

torch = pytest.importorskip("torch")
S = np.random.default_rng(0).normal(size=(5, 2, 4)).astype(np.float32)
T = torch.nn
MODULES = [
    (T.PairwiseDistance(1.5, keepdim=True), 2),
    (T.TripletMarginWithDistanceLoss(distance_function=T.PairwiseDistance(1.0), margin=0.5), 3),
    (T.TransformerEncoderLayer(4, 2, 3, 0.1, "gelu", norm_first=True, batch_first=True), 1),
    (T.TransformerDecoderLayer(4, 2, 3, bias=False), 2),
    (T.TransformerEncoder(T.TransformerEncoderLayer(4, 2, 3), 2, T.LayerNorm(4)), 1),
    (T.Transformer(4, 2, 1, 2, 3), 2),
    (T.DataParallel(T.Linear(4, 3)), 1),
    (T.Sequential(T.Linear(4, 3), T.ReLU(inplace=True)), 1),
]


@pytest.mark.parametrize("module, inputs", MODULES)
def test_there_and_back(module, inputs):
    module.eval()
    given = tnn.from_torch(module)
    assert repr(given) == repr(module)
    xs = [S * (i + 1) for i in range(inputs)]
    expected = module(*map(torch.tensor, xs)).detach().numpy()
    np.testing.assert_allclose(given(*xs), expected, atol=1e-5)
    assert repr(tnn.to_torch(given)) == repr(module)
