"""Max unpooling: places, errors."""

import numpy as np
import pytest
from filling import counting

import nn


class TestUnpooling:
    def test_puts_maxima_back(self):
        pool = nn.SpatialMaxPooling(2, 2)
        x = np.array([[[1.0, 2, 5], [3, 0, 6]]])
        output = nn.SpatialMaxUnpooling(pool).forward(pool.forward(x))
        np.testing.assert_array_equal(output, [[[0, 0, 0], [3, 0, 0]]])

    def test_volume(self):
        pool = nn.VolumetricMaxPooling(2, 2, 2)
        x = counting(1, 2, 2, 2)
        output = nn.VolumetricMaxUnpooling(pool).forward(pool.forward(x))
        assert output[0, 1, 1, 1] == 8 and np.count_nonzero(output) == 1

    def test_wants_a_pooling_module(self):
        for cls, other in (
            (nn.SpatialMaxUnpooling, nn.SpatialDilatedMaxPooling(2, 2)),
            (nn.SpatialMaxUnpooling, nn.ReLU()),
            (nn.VolumetricMaxUnpooling, nn.SpatialMaxPooling(2, 2)),
        ):
            with pytest.raises((TypeError, ValueError), match="MaxPooling module"):
                cls(other)

    def test_wants_windows_side_by_side(self):
        with pytest.raises(ValueError, match="stride"):
            nn.SpatialMaxUnpooling(nn.SpatialMaxPooling(3, 3, 2, 2))

    def test_wants_the_pooled_shape(self):
        pool = nn.SpatialMaxPooling(2, 2)
        pool.forward(np.ones((1, 4, 4)))
        with pytest.raises(ValueError, match="indices"):
            nn.SpatialMaxUnpooling(pool).forward(np.ones((1, 3, 3)))

    def test_refuses_places_outside(self):
        pool = nn.SpatialMaxPooling(2, 2)
        pool.forward(np.ones((1, 4, 4)))
        pool.indices[0, 0, 0] = 98
        with pytest.raises((ValueError, IndexError), match="98"):
            nn.SpatialMaxUnpooling(pool).forward(np.ones((1, 2, 2)))


def test_unpooling_after_another_forward_of_the_pooling():
    for pooling, unpooling, shape, larger in [
        (nn.SpatialMaxPooling(2, 2), nn.SpatialMaxUnpooling, (1, 4, 4), (1, 5, 5)),
        (nn.VolumetricMaxPooling(2, 2, 2), nn.VolumetricMaxUnpooling, (1, 2, 4, 4), (1, 3, 5, 5)),
    ]:
        y = pooling.forward(counting(*shape)).copy()
        module = unpooling(pooling)
        gradOutput = np.ones_like(module.forward(y))
        pooling.forward(counting(*larger))
        with pytest.raises(ValueError):
            module.updateGradInput(y, gradOutput)
        pooling.indices[...] = 10**6
        with pytest.raises(ValueError, match="invalid max index"):
            module.updateGradInput(y, np.ones(larger))
