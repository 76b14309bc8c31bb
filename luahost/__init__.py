"""Untouched Lua programs on LuaJIT inside Python, with this library as their torch."""

from .program import run
from .runtime import leave
