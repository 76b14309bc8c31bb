"""``.t7`` files: reading and writing what Lua Torch reads and writes."""

from .errors import T7Error
from .values import LuaFunction, LuaTable, Storage, TorchObject
from .files import (
    deserialize,
    deserializeFromStorage,
    load,
    loadobj,
    save,
    saveobj,
    serialize,
    serializeToStorage,
)
from .disk_file import DiskFile, MemoryFile, PipeFile
from .loadarrays import loadarrays
from .report import Network, Report
