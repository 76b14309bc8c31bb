"""What Lua had and Python does not: the run-time library of translated programs.

``print`` and ``tostring`` as Torch's, ``Table``, Lua's ``string``, ``table``, ``io``, ``os`` and ``coroutine``,
``pcall`` and ``error``; and, for values of unknown types, ``index``, ``call`` and their like, which look at run time.
"""

from . import functions
from .arithmetic import arithmetic, concat, divide, equal, log, modulo, numbers, reflected, sqrt, truth
from .coroutines import coroutine
from .errors import LuaError, assert_, debug, error, pcall, xpcall
from .files import io, os, outcome
from .jumps import label
from .loading import Arguments, G, arg, collectgarbage, dofile, include, load, loadfile, loadstring, package, require
from .lookup import call, index, length, method, new, setindex
from .show import print, tostring, type
from .strings import string, tonumber
from .table import Table, getmetatable, rawequal, rawget, rawset, setmetatable
from .table_library import ipairs, next, pairs, table, unpack
from .tensors import into, over_storage, pointer, reseat, view_of
from .texts import octets, utf8
from .values import adjust, first, iterate, select, spread, values_of
