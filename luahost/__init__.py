"""Untouched Lua programs on LuaJIT inside Python, with this library as their torch."""

from .program import run
from .prompt import prompt
from .runtime import leave
