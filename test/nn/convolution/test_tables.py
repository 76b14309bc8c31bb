"""nn.tables: tables of connections."""

import pytest

import nn
import torch7 as torch


class TestTables:
    def test_full(self):
        assert nn.tables.full(2, 3).tolist() == [[1, 1], [2, 1], [1, 2], [2, 2], [1, 3], [2, 3]]

    def test_one_to_one(self):
        assert nn.tables.oneToOne(3).tolist() == [[1, 1], [2, 2], [3, 3]]

    def test_random(self):
        torch.manualSeed(123)
        assert nn.tables.random(4, 3, 2).tolist() == [[3, 1], [1, 1], [2, 2], [4, 2], [3, 3], [1, 3]]

    def test_random_draws_anew_after_the_last_chunk(self):
        torch.manualSeed(7)
        nn.tables.random(4, 2, 2)
        after = torch.uniform()
        torch.manualSeed(7)
        torch.randperm(4), torch.randperm(4)
        assert after == torch.uniform()

    def test_too_many_connections(self):
        with pytest.raises(ValueError, match="1 to 4"):
            nn.tables.random(4, 2, 5)
