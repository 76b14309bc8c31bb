"""Whether ``cutorch``, ``cunn`` and ``cudnn`` may be required, and what ``cuda()`` does on a machine without a GPU."""

from __future__ import annotations

import sys

from rocks import cutorch
from torch7 import arrays


def is_there(guarded: bool) -> bool:
    """Whether a program gets the packages of CUDA.

    Without a GPU a program that asks inside of ``pcall`` gets the refusal it is ready for. Another, which could not go
    on, gets the packages, and CUDA's tensors are tensors in ordinary memory from now on: ``cuda()`` is ``float()``.
    """
    if cutorch.getDeviceCount():
        return True
    if guarded:
        return False
    if not arrays.cuda_is_in_memory():
        arrays.keep_cuda_in_memory()
        print("torch7 run: no GPU here: tensors of CUDA are kept in memory, cuda() is float()", file=sys.stderr)
    return True
