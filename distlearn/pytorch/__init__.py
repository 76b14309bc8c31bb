"""What trains networks of nn.pytorch on many nodes; ``nn.pytorch.parallel`` hands it out."""

from .data_parallel import DistributedDataParallel
from .groups import init_process_group
