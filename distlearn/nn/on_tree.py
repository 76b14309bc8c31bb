"""What layers that know a tree have in common."""

from __future__ import annotations

import copy
from typing import Any

from ..tree import Tree


class OnTree:
    """A module with a field ``tree``: copies of the module have it too, files do not."""

    tree: Tree | None = None
    _transient = ("tree",)

    def __deepcopy__(self, memo: dict) -> Any:
        memo[id(self)] = new = type(self).__new__(type(self))
        new.__setstate__(copy.deepcopy(self.__getstate__(), memo))
        new.tree = self.tree
        return new
