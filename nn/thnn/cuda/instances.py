"""Which instances of the kernels there are: the one list for loading, compiling and testing them.

Kernels of one parameter, ``template <class T>``, are there for float and for double. Those of more stand in a table.
"""

from __future__ import annotations

import re

#: Character of a dtype -> its C++ type.
TYPES = {"f": "float", "d": "double"}
LOGICAL = ("false", "true")
#: Room/file -> its instances of more parameters than the type; T is float and double.
INSTANCES: dict[str, tuple[str, ...]] = {
    "transfer/soft_max": (
        *(f"softmax_warp<T,{per},{log}>" for per in (1, 4, 32) for log in LOGICAL),
        *(f"{name}<T,{log}>" for name in ("softmax_block", "softmax_planes") for log in LOGICAL),
        *(f"{name}<T,{log}>" for name in ("softmax_gradient", "softmax_planes_gradient") for log in LOGICAL),
    ),
    "convolution/convolution": (
        *(f"gather_gemm<float,{tile},16,3>" for tile in ("128,128", "64,64")),
        "gather_gemm<double,64,64,8,3>",
        *(f"gather_gemm_tf32<{tile},16,4>" for tile in ("128,128", "64,64")),
        *(f"weight_gemm<float,{tile},16,3,false>" for tile in ("128,128", "64,128", "64,64")),
        "weight_gemm<float,128,128,16,4,true>",
        "weight_gemm<double,64,64,8,3,false>",
    ),
}
_SIMPLE = re.compile(r"template <class T>\s*__global__ void(?:\s+__launch_bounds__\([^()]*\))?\s+(\w+)\(")


def instances(title: str, text: str) -> tuple[str, ...]:
    """All instances of the kernels in a text that is called ``title``."""
    names = (*(f"{name}<T>" for name in _SIMPLE.findall(text)), *INSTANCES.get(title, ()))
    return tuple(dict.fromkeys(typed(name, kind) for kind in TYPES.values() for name in names))


def typed(name: str, kind: str) -> str:
    """``softmax<T,4>`` for float -> ``softmax<float,4>``."""
    return re.sub(r"\bT\b", kind, name)
