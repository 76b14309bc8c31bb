"""What ``require 'torch'`` gave a script: ``import torch7 as torch``."""

from .arrays import getdefaulttensortype, setdefaulttensortype
from .classes import class_, factory, getmetatable, isStorage, isTensor, isTypeOf, type, typename
from .cmdline import CmdLine
from .exactness import allow_tf32, exact
from .generator import Generator, getRNGState, initialSeed, manualSeed, seed, setRNGState
from .graphs import graph
from .lua_math import LuaRandom
from .multinomial import multinomial, multinomialAlias, multinomialAliasSetup
from .random import (
    bernoulli,
    bernoulli_,
    cauchy,
    cauchy_,
    exponential,
    exponential_,
    geometric,
    geometric_,
    logNormal,
    logNormal_,
    normal,
    normal_,
    rand,
    randn,
    random,
    random_,
    randperm,
    uniform,
    uniform_,
)
from .require import require
from .tensor import *  # noqa: F403
from .strictness import StrictError, strict
from .tester import Tester, TestSuite
from .threads import getnumthreads, setnumthreads
from .timer import Timer, tic, toc
from .serialization import (
    DiskFile,
    LuaFunction,
    LuaTable,
    MemoryFile,
    PipeFile,
    Report,
    Storage,
    T7Error,
    TorchObject,
    deserialize,
    deserializeFromStorage,
    load,
    loadarrays,
    loadobj,
    save,
    saveobj,
    serialize,
    serializeToStorage,
)
from .version import __version__

from . import shadowed

shadowed.report()
