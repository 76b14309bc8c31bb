"""ZipTable, ZipTableOneToMany."""

import pytest
from filling import tensors

import nn


class TestZip:
    def test_there_and_back(self):
        m = nn.ZipTable()
        a1, a2, b1, b2, c1, c2 = tensors(1, 2, 3, 4, 5, 6)
        out = m.forward([[a1, a2], [b1, b2], [c1, c2]])
        assert len(out) == 2 and out[1][2] is c2
        back = m.backward([[a1, a2], [b1, b2], [c1, c2]], out)
        assert len(back) == 3 and back[0][1] is a2
        assert m.forward([[a1], [b1]]) == [[a1, b1]] and len(out) == 2

    def test_one_to_many(self):
        m = nn.ZipTableOneToMany()
        v, a, b, c = tensors(1, 2, 3, 4)
        out = m.forward([v, [a, b, c]])
        assert out[2][0] is v and out[2][1] is c
        g = [tensors(1, 5), tensors(2, 6), tensors(3, 7)]
        gradV, others = m.backward([v, [a, b, c]], g)
        assert gradV.tolist() == [6, 6] and others[1] is g[1][1]
        assert g[0][0].tolist() == [1, 1]
        assert m.backward([v, [a]], g[:1])[0].tolist() == [1, 1]

    def test_shapes_are_checked(self):
        with pytest.raises(ValueError, match="different lengths: 2, 1"):
            nn.ZipTable().forward([tensors(1, 2), tensors(3)])
        with pytest.raises(ValueError, match="table of element and table"):
            nn.ZipTableOneToMany().forward(tensors(1, 2))
