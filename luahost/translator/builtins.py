"""Tables of names: what the functions of Lua and Torch give, and how they are written in Python."""

from __future__ import annotations

CONSTRUCTORS = {"arg": "list", "torch": "package", "nn": "package", "optim": "package", "math": "package",
                "string": "package", "table": "package", "io": "package", "os": "package"}  # fmt: skip
KIND_OF_FUNCTION = {
    **dict.fromkeys(
        "string.format string.sub string.rep string.lower string.upper string.char string.gsub table.concat tostring type "
        "torch.type io.read os.getenv os.date torch.getdefaulttensortype".split(), "string"),
    **dict.fromkeys(
        "math.floor math.ceil math.max math.min math.abs math.sqrt math.exp math.log math.sin math.cos math.pow math.random "
        "torch.random torch.uniform torch.normal os.time os.clock string.len tonumber sys.clock".split(), "number"),
    **dict.fromkeys(
        "torch.zeros torch.ones torch.randn torch.rand torch.range torch.linspace torch.randperm torch.eye torch.mm torch.mv "
        "torch.cat torch.cmul torch.add torch.exp torch.log torch.abs torch.eq torch.gt torch.lt torch.ne torch.ge "
        "torch.le torch.round torch.diag torch.bmm".split(), "tensor"),
    **dict.fromkeys("torch.isTensor torch.isTypeOf paths.filep paths.dirp".split(), "boolean"),
}  # fmt: skip
INTEGER_METHODS = frozenset({"size", "dim", "nDimension", "nElement", "numel", "stride", "storageOffset"})
SAME_KIND_METHODS = frozenset(
    "clone copy fill zero add mul div cmul cdiv float double long byte int cuda t view viewAs reshape resize resizeAs select "
    "narrow sub contiguous uniform normal random bernoulli clamp abs sqrt exp log pow expand expandAs transpose typeAs "
    "squeeze index unfold gt lt ge le eq ne apply set".split()
)
KEYWORDS = frozenset(
    "False None True and as assert async await break class continue def del elif else except finally for from global if import "
    "in is lambda nonlocal not or pass raise return try while with yield".split()
)
# names of Python that programs written here use
RESERVED = KEYWORDS | frozenset(
    "abs chr dict enumerate float getattr hasattr int isinstance iter len list max min next ord print range reversed setattr "
    "slice sorted str super tuple type zip sum".split()
)
IN_PYTHON = {"lambda": "lambda_", "__init": "__init__", "assert": "assert_", "__len": "__len__", "len": "__len__"}


def python_field(name: str) -> str:
    """The name that a field or method of the library has in Python."""
    return IN_PYTHON.get(name, name + "_" if name in KEYWORDS else name)
