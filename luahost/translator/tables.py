"""Which form a table of Lua takes in Python: a list, a dict, or a Table of the run-time library.

Constructors whose tables are seen at one place need one form there: they are of one class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import nodes as n
from .builtins import words

if TYPE_CHECKING:
    from .knowledge import Knowledge

_FIXED = {"list": -1, "dict": -2}
_COUNTING = words("ipairs table.insert table.remove table.concat table.sort unpack table.unpack table.getn")
_FOREIGN = {"array": "list", "record": "dict", "other": "dict"}


class TableClasses:
    """The classes and what was done to the tables of each."""

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.foreign = False  # whether there are other files of the program
        self._above: dict[int, int] = {}
        self._marks: dict[int, set[str]] = {}
        self._forms: dict[int, str] = {}
        for place, seen in known.facts.items():
            if place != "table":
                self._meet(seen)
        self._seen = {int(word.partition(":")[0]) for word in known.words("table")}
        for word in known.words("table"):
            number, _, content = word.partition(":")
            if number != "0":
                self._mark(int(number), content)
        for x in known.nodes:
            self._uses(x)
        for x in known.nodes:
            self._fields(x)

    def _root(self, number: int) -> int:
        while number in self._above:
            number = self._above[number]
        return number

    def _join(self, a: int, b: int) -> None:
        a, b = self._root(a), self._root(b)
        if a != b:
            self._above[a] = b
            self._marks.setdefault(b, set()).update(self._marks.pop(a, set()))

    def _mark(self, number: int, mark: str) -> None:
        self._marks.setdefault(self._root(number), set()).add(mark)

    def _numbers(self, seen: dict[str, int]) -> list[int]:
        found = []
        for word in seen:
            kind, _, rest = word.partition(":")
            if kind == "table" and not rest.startswith("0"):
                found.append(int(rest.split(":")[0]))
            elif kind == "table" and (form := _FOREIGN.get(rest[2:])):
                found.append(_FIXED[form])
            elif kind in _FIXED:
                found.append(_FIXED[kind])
        return found

    def _meet(self, seen: dict[str, int]) -> None:
        numbers = self._numbers(seen)
        own = [x for x in numbers if x > 0]
        for other in own[1:]:
            self._join(own[0], other)
        for fixed in (x for x in numbers if x < 0):
            for number in own[:1]:
                self._mark(number, "list" if fixed == -1 else "dict")

    def _uses(self, x: n.Node) -> None:
        known = self.known
        if isinstance(x, n.Table):
            self._constructor(x)
        elif isinstance(x, n.Index):
            for number in self._numbers(known.words(f"k{x.number}")) + self._key_table(x):
                if number > 0 and "tensor" not in known.kinds_of(x.of):
                    self._mark(number, "meta")  # a key of a dict
            for place in (x.of.number, f"o{x.number}"):
                for number in self._numbers(known.words(place)):
                    if number > 0:
                        for word in known.words(x.number):
                            if word.startswith("key:"):
                                self._mark(number, ("w" if str(place)[0] == "o" else "") + word)
        elif isinstance(x, n.Method):
            for number in self._numbers(known.words(x.of.number)):
                if number > 0:
                    self._mark(number, "method")
        elif isinstance(x, n.Unary) and x.op == "#":
            self._counted(x.x)
        elif isinstance(x, n.Call) and x.arguments and known.text(x.f) in _COUNTING:
            self._counted(x.arguments[0])
        elif isinstance(x, n.Call) and x.arguments and known.text(x.f).startswith("optim."):
            for argument in x.arguments:
                for number in self._numbers(known.words(argument.number)):
                    if number > 0:
                        self._mark(number, "named")

    def _key_table(self, x: n.Index) -> list[int]:
        """The constructor of a key, where it is one of a table and not the places in a tensor."""
        return [x.key.number] if isinstance(x.key, n.Table) and self.known.words(x.of.number) else []

    def _fields(self, x: n.Node) -> None:
        """``self.cache = {}``: an object keeps a list or dict, which is seen where the field is read."""
        if not (isinstance(x, n.Assign) and len(x.targets) == len(x.values)):
            return
        for target, value in zip(x.targets, x.values):
            if isinstance(target, n.Index) and isinstance(value, n.Table) and isinstance(target.key, n.Constant):
                for mark in self._marks_of_field(target.key.value):
                    self._mark(value.number, mark)

    def _marks_of_field(self, name: object) -> set[str]:
        found: set[str] = set()
        for y in self.known.nodes:
            if isinstance(y, n.Index) and getattr(y.key, "value", None) == name:
                found |= self.known.kinds_of(y) & set(_FIXED)
        return {"dict", "record"} if "dict" in found else found

    def _counted(self, x: n.Expression) -> None:
        numbers = [x.number] if isinstance(x, n.Table) else self._numbers(self.known.words(x.number))
        for number in numbers:
            if number > 0:
                self._mark(number, "counted")

    def _constructor(self, x: n.Table) -> None:
        for key, value in x.items:
            if key is None:
                self._mark(x.number, "nil" if isinstance(value, n.Constant) and value.value is None else "array")
                if "nil" in self.known.words(value.number):
                    self._mark(x.number, "gap")
            elif isinstance(key, n.Constant) and isinstance(key.value, str):
                self._mark(x.number, "record")
            elif isinstance(key, n.Constant):
                self._mark(x.number, "other")
            else:
                self._mark(x.number, "keyed")

    def marks(self, number: int) -> set[str]:
        """What was done to the tables of a constructor's class."""
        return self._marks.get(self._root(number), set())

    def form(self, number: int, word: str = "") -> str:
        """``list``, ``dict`` or ``Table`` for the constructor of this number; 0 is one outside the program."""
        if number == 0 and self.foreign:
            return "foreign"  # another file made it, in a form that is not known here
        if number == 0:
            return _FOREIGN.get(word.split(":")[-1], "list" if word.endswith("empty") else "dict")
        root = self._root(number)
        if root not in self._forms:
            self._forms[root] = "list"  # while its own uses are looked at
            marks = set(self._marks.get(root, set()))
            if number not in self._seen:
                x = self.known.by_number.get(number)
                marks |= self._marks_of_uses(x)
                if not marks and isinstance(x, n.Table) and not x.items and not self._is_argument(x):
                    marks = {"meta"}  # nobody knows what it is for
            self._forms[root] = _form(marks)
        return self._forms[root]

    def _is_argument(self, x: n.Table) -> bool:
        """Whether a table is passed on as it is: to a call, as a place of a tensor, in a list."""
        parent = self.known.parents.get(x)
        in_list = isinstance(parent, n.Table) and any(k is None and v is x for k, v in parent.items)
        return in_list or isinstance(parent, n.Call | n.Method | n.Index)

    def _marks_of_uses(self, x: n.Node | None) -> set[str]:
        """What the program does to the variable that holds a table which no run has made."""
        found = self._marks_of_argument(x)
        for scope in self.known.names.functions.values():
            for v in scope.variables:
                if any(x is value or _is_default(x, value) for value in v.values):
                    for name, _ in v.uses:
                        found |= self._marks_of_use(name)
        parent = self.known.parents.get(x)
        while isinstance(parent, n.Binary | n.Paren):
            parent = self.known.parents.get(parent)
        if isinstance(parent, n.Call) and self.known.text(parent.f) == "setmetatable":
            found.add("meta")
        if isinstance(x, n.Table) and any(isinstance(v, n.Function) and _takes_self(v) for _, v in x.items):
            found.add("method")
        return found

    def _marks_of_argument(self, x: n.Node | None) -> set[str]:
        """What a function of the program does to its parameter, where a table is made for it."""
        call = self.known.parents.get(x)
        if not isinstance(call, n.Call | n.Method) or x not in call.arguments:
            return set()
        own = self.known.methods.get(call.name, []) if isinstance(call, n.Method) else self.known.own_functions(call.f)
        found: set[str] = set()
        for f in (self.known.by_number[number] for number in own):
            place = call.arguments.index(x) + (isinstance(call, n.Method) and not f.method)
            if place < len(f.parameters) and f.parameters[place].variable is not None:
                for name, _ in f.parameters[place].variable.uses:
                    found |= self._marks_of_use(name)
        return found

    def _marks_of_use(self, name: n.Name) -> set[str]:
        parent = self.known.parents.get(name)
        if isinstance(parent, n.Index) and parent.of is name:
            above = self.known.parents.get(parent)
            if isinstance(above, n.FunctionStatement) and above.target is parent:
                return {"method"}
            return {self._mark_of_key(parent.key)}
        if isinstance(parent, n.Method) and parent.of is name:
            return {"method"}
        if isinstance(parent, n.Unary) and parent.op == "#":
            return {"counted"}
        if isinstance(parent, n.Call) and name in parent.arguments:
            f = self.known.text(parent.f)
            if f in _COUNTING:
                return {"counted"}
            return {"meta"} if f == "setmetatable" else {"named"} if f[:6] == "optim." else set()
        return set()

    def _mark_of_key(self, key: n.Expression) -> str:
        kinds = self.known.kinds(key)
        if isinstance(key, n.Constant) and key.value == 0:
            return "other"
        return "key:string" if kinds == {"string"} else "key:inside" if kinds == {"number"} else "unknown"


def _form(marks: set[str]) -> str:
    names = bool(marks & {"record", "key:string", "wkey:string"})
    places = bool(marks & {"array", "key:inside", "wkey:inside", "wkey:next", "counted"})
    others = bool(marks & {"other", "keyed", "wkey:other", "wkey:outside"})
    if marks & {"meta", "method", "mixed"} or (names and places and not others):
        return "Table"
    if "list" in marks:
        return "list"
    if "nil" in marks or ("counted" in marks and (others or names or "gap" in marks)):
        return "Table"
    if "unknown" in marks and not names:
        return "Table" if "counted" in marks else "dict" if others or not places else "list"
    return "dict" if names or others or "dict" in marks or (not places and "named" in marks) else "list"


def _takes_self(f: n.Function) -> bool:
    return bool(f.parameters) and f.parameters[0].id == "self"


def _is_default(x: n.Node | None, value: n.Node | None) -> bool:
    """``seen or {}``."""
    return isinstance(value, n.Binary) and value.op == "or" and value.right is x
