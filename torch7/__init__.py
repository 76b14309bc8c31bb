"""What ``require 'torch'`` gave a script: ``import torch7 as torch``."""

from .arrays import getdefaulttensortype, setdefaulttensortype
from .generator import Generator, getRNGState, initialSeed, manualSeed, seed, setRNGState
from .lua_math import LuaRandom
from .multinomial import multinomial, multinomialAlias, multinomialAliasSetup
from .random import (
    bernoulli,
    cauchy,
    exponential,
    geometric,
    logNormal,
    normal,
    rand,
    randn,
    random,
    randperm,
    uniform,
)
from .version import __version__
