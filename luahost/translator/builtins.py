"""Tables of names: what the functions of Lua and Torch give, and how they are written in Python."""

from __future__ import annotations

from importlib import import_module

torch7_require = import_module("torch7.require")


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_OTHERS = words("pl torchx fbcunn debug package ffi bit jit trepl env dok")
PACKAGES = words("torch nn optim math string table io os rnn dpnn coroutine")
PRELOADED = words("paths sys xlua image lfs lapp")  # what `th` had loaded, and what scripts take for loaded
CONSTRUCTORS = {"arg": "list", **dict.fromkeys(PACKAGES, "package")}
_KINDS = {
    "string": words("""
    string.format string.sub string.rep string.lower string.upper string.char string.gsub table.concat tostring
    type torch.type io.read os.getenv os.date torch.getdefaulttensortype"""),
    "number": words("""
    math.floor math.ceil math.max math.min math.abs math.sqrt math.exp math.log math.sin math.cos math.pow
    math.random torch.random torch.uniform torch.normal os.time os.clock string.len tonumber sys.clock"""),
    "tensor": words("""
    torch.zeros torch.ones torch.randn torch.rand torch.range torch.linspace torch.randperm torch.eye torch.mm
    torch.mv torch.cat torch.cmul torch.add torch.exp torch.log torch.abs torch.eq torch.gt torch.lt torch.ne
    torch.ge torch.le torch.round torch.diag torch.bmm"""),
    "boolean": words("torch.isTensor torch.isStorage torch.isTypeOf paths.filep paths.dirp"),
}
KIND_OF_FUNCTION = {name: kind for kind, names in _KINDS.items() for name in names}
# calls that give several values
SEVERAL_OF_METHODS = dict.fromkeys(
    words("max min sort topk kthvalue mode median getParameters parameters findModules"), 2
)
SEVERAL_OF_TORCH = {**SEVERAL_OF_METHODS, **dict.fromkeys(words("symeig eig qr gesv gels geqrf"), 2), "svd": 3}
SINGLE = words("""
    tostring tonumber type setmetatable getmetatable rawget rawset rawequal loadstring require collectgarbage
    coroutine.wrap coroutine.create coroutine.status""")
SILENT = frozenset({"reset"})  # methods of objects that gave nothing in Lua
INTEGER_METHODS = words("size dim nDimension nElement numel stride storageOffset")
SAME_KIND_METHODS = words("""
    clone copy fill zero add mul div cmul cdiv float double long byte int cuda t view viewAs reshape resize
    resizeAs select narrow sub contiguous uniform normal random bernoulli clamp abs sqrt exp log pow expand
    expandAs transpose typeAs squeeze index unfold gt lt ge le eq ne apply set""")
KEYWORDS = words("""
    False None True and as assert async await break class continue def del elif else except finally for from
    global if import in is lambda nonlocal not or pass raise return try while with yield""")
# names of Python that programs written here use
RESERVED = KEYWORDS | words("""
    abs chr dict enumerate float getattr hasattr int isinstance iter len list max min next ord print range
    reversed setattr slice sorted str super tuple type zip sum""")
# functions of the run-time library that have Lua's names
RUNTIME = words("""
    G Table arg assert_ collectgarbage coroutine debug dofile error getmetatable include io ipairs load loadfile
    loadstring next os package pairs pcall pointer print rawequal rawget rawset require select setmetatable string table
    tonumber tostring type unpack xpcall""")
IN_PYTHON = {"lambda": "lambda_", "__init": "__init__", "assert": "assert_", "__len": "__len__", "len": "__len__"}


def is_package(name: str) -> bool:
    """Whether ``require`` of a name gives a package here, and not a file of the program."""
    return name in PACKAGES | PRELOADED | _OTHERS or name.startswith("pl.") or torch7_require.is_package(name)


def python_field(name: str) -> str:
    """The name that a field or method of the library has in Python."""
    return IN_PYTHON.get(name, name + "_" if name in KEYWORDS else name)
