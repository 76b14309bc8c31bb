# Written by test/stubs.py: what a type checker sees of torch7.lualib.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from torch7.lualib.loading import Arguments as Arguments
G: Any
from torch7.lualib.errors import LuaError as LuaError
from torch7.lualib.table import Table as Table
from torch7.lualib.values import adjust as adjust
arg: Any
from torch7.lualib.arithmetic import arithmetic as arithmetic
from torch7.lualib.errors import assert_ as assert_
from torch7.lualib.lookup import call as call
from torch7.lualib.loading import collectgarbage as collectgarbage
from torch7.lualib.arithmetic import concat as concat
coroutine: Any
debug: Any
from torch7.lualib.arithmetic import divide as divide
from torch7.lualib.loading import dofile as dofile
from torch7.lualib.arithmetic import equal as equal
from torch7.lualib.errors import error as error
from torch7.lualib.values import first as first
from torch7.lualib.table import getmetatable as getmetatable
from torch7.lualib.loading import include as include
from torch7.lualib.lookup import index as index
from torch7.lualib.tensors import into as into
io: Any
from torch7.lualib.table_library import ipairs as ipairs
from torch7.lualib.values import iterate as iterate
from torch7.lualib.jumps import label as label
from torch7.lualib.lookup import length as length
def load(*args: Any) -> Any: ...
def loadfile(*args: Any) -> Any: ...
def loadstring(*args: Any) -> Any: ...
from torch7.lualib.arithmetic import log as log
from torch7.lualib.lookup import method as method
from torch7.lualib.arithmetic import modulo as modulo
from torch7.lualib.lookup import new as new
from torch7.lualib.table_library import next as next
from torch7.lualib.arithmetic import numbers as numbers
from torch7.lualib.texts import octets as octets
os: Any
from torch7.lualib.files import outcome as outcome
from torch7.lualib.tensors import over_storage as over_storage
package: Any
from torch7.lualib.table_library import pairs as pairs
from torch7.lualib.errors import pcall as pcall
from torch7.lualib.tensors import pointer as pointer
from torch7.lualib.show import print as print
from torch7.lualib.table import rawequal as rawequal
from torch7.lualib.table import rawget as rawget
from torch7.lualib.table import rawset as rawset
from torch7.lualib.arithmetic import reflected as reflected
from torch7.lualib.loading import require as require
from torch7.lualib.tensors import reseat as reseat
from torch7.lualib.values import select as select
from torch7.lualib.lookup import setindex as setindex
from torch7.lualib.table import setmetatable as setmetatable
from torch7.lualib.values import spread as spread
from torch7.lualib.arithmetic import sqrt as sqrt
string: Any
table: Any
from torch7.lualib.strings import tonumber as tonumber
from torch7.lualib.show import tostring as tostring
from torch7.lualib.table import truth_of as _truth
truth = _truth
from torch7.lualib.show import type as type
from torch7.lualib.table_library import unpack as unpack
from torch7.lualib.texts import utf8 as utf8
from torch7.lualib.values import values_of as values_of
from torch7.lualib.tensors import view_of as view_of
from torch7.lualib.errors import xpcall as xpcall
