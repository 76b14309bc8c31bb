"""What ``require 'torch'`` gave a script: ``import torch7 as torch``."""

from .arrays import getdefaulttensortype, setdefaulttensortype
from .version import __version__
