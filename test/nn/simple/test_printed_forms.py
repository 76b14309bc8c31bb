"""How layers of the chapter print, beyond what the battery looks at."""

import nn


def test_printed_forms():
    assert repr(nn.Bilinear(2, 3, 2)) == "nn.Bilinear(2x3 -> 2) "
    assert repr(nn.Bilinear(2, 3, 2, False)) == "nn.Bilinear(2x3 -> 2)  without bias"
    assert repr(nn.PartialLinear(5, 3, False)) == "nn.PartialLinear(5 -> 3) without bias"
    assert repr(nn.LinearWeightNorm(3, 2, False)) == "nn.LinearWeightNorm(3 -> 2) without bias"
    assert repr(nn.View(2, 3)) == "nn.View(2, 3)"
    assert repr(nn.Reshape(2, 3)) == "nn.Reshape(2x3)"
    assert repr(nn.Unsqueeze(2)) == "nn.Unsqueeze(dim 2)"
    assert repr(nn.WhiteNoise()) == "nn.WhiteNoise mean: 0.000000, std: 0.100000"
