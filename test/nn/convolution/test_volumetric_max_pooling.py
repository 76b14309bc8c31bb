"""VolumetricMaxPooling: packed indices, dilation."""

import numpy as np
from filling import counting

import nn


def test_volumetric_indices_pack_the_place_in_the_window():
    pool = nn.VolumetricMaxPooling(2, 2, 2)
    pool.forward(counting(1, 2, 2, 2))
    assert pool.indices.item() & 0xFFFFFF == 0x010101
    pool = nn.VolumetricMaxPooling(3, 3, 3, 1, 1, 1, 1, 1, 1)
    pool.forward(counting(1, 2, 2, 2))
    assert pool.indices[0, 0, 0, 0] & 0xFFFFFF == 0x020202


def test_dilated_volume_is_a_dilated_plane():
    x = np.ones(10)
    x[6] = 8
    plane = nn.SpatialDilatedMaxPooling(1, 5, 1, 1, 0, 2, 1, 2).forward(x.reshape(1, 10, 1))
    np.testing.assert_array_equal(plane.ravel(), [8, 1, 8, 1, 8, 1])
    volume = nn.VolumetricDilatedMaxPooling(5, 1, 1, 1, 1, 1, 2, 0, 0, 2, 1, 1)
    np.testing.assert_array_equal(volume.forward(x.reshape(1, 10, 1, 1)).ravel(), [8, 1, 8, 1, 8, 1])
    gradInput = volume.backward(x.reshape(1, 10, 1, 1), np.array([1.0, 0, 0, 0, 0, 0]).reshape(1, 6, 1, 1))
    assert gradInput[0, 6, 0, 0] == 1


def test_volumetric_indices_of_lua_tell_by_their_four_low_bytes():
    pool, x = nn.VolumetricMaxPooling(2, 2, 2), counting(1, 2, 2, 4)
    pool.forward(x)
    pool.indices |= 7 << 40
    pool.indices[0, 0, 0, 0] = 0x1FFFFFFFF
    gradInput = pool.updateGradInput(x, np.ones((1, 1, 1, 2)))
    assert gradInput[0, 1, 1, 3] == 1 and gradInput.sum() == 1
