"""Layers for networks that train on many nodes; :mod:`distlearn` itself knows arrays alone."""

from .data_parallel import DistributedDataParallel
from .sync_batch_norm import SyncBatchNorm, convertSyncBatchNorm
