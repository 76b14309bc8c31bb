"""Networks out to PyTorch and in from it; the door is :mod:`torch7.pytorch`."""

from .modules import from_state_dict, to_module, write

__all__ = ["from_state_dict", "to_module", "write"]
