"""VolumetricFullConvolution: files."""

import numpy as np

import nn
import torch7 as torch


def test_files_hold_what_lua_s_full_convolution_of_volumes_reads():
    loaded = torch.deserialize(torch.serialize(nn.VolumetricFullConvolution(1, 1, 2, 2, 2)))
    assert loaded.finput.size == loaded.fgradInput.size == 0


def test_old_files_of_volumes():
    module = nn.VolumetricFullConvolution(2, 3, 2, 3, 1, 2, 1, 1, 1, 1, 0)
    x = torch.randn(2, 3, 4, 2)
    output = module.forward(x).copy()
    module.weight, module.gradWeight = (w.swapaxes(0, 1).copy() for w in (module.weight, module.gradWeight))
    for axis in "TWH":
        setattr(module, f"p{axis}", getattr(module, f"pad{axis}"))
        delattr(module, f"pad{axis}"), delattr(module, f"adj{axis}")
    old = torch.deserialize(torch.serialize(module))
    assert old.weight.shape == old.gradWeight.shape == (2, 3, 2, 1, 3)
    assert (old.padT, old.padW, old.padH, old.adjT) == (1, 1, 0, 0)
    np.testing.assert_array_equal(old.forward(x), output)
