"""Training on many machines over MPI: ``import distlearn``, with the names of torch-distlearn and torch-ipc.

Layers for many nodes, ``SyncBatchNorm`` and ``DistributedDataParallel``, are in ``distlearn.nn``.
"""

from . import ending
from .all_reduce_ea import AllReduceEA
from .all_reduce_sgd import AllReduceSGD
from .first import onFirst, save
from .rounds import Disagreement
from .seeds import manualSeed
from .tables import walkTable
from .tree import LocalhostTree, Tree

ending.watch()
