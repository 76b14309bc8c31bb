"""What is known of the values at each place: from recorded runs, from the forms of expressions, from like places."""

from __future__ import annotations

from collections.abc import Collection

from . import nodes as n
from .builtins import CONSTRUCTORS, INTEGER_METHODS, KIND_OF_FUNCTION, SAME_KIND_METHODS, is_package
from .record import Facts
from .scopes import Resolver
from .tables import TableClasses
from .whole_numbers import WholeNumbers

SCALARS = frozenset({"number", "string", "boolean", "nil"})
_RESULTS = {"+": "number", "-": "number", "*": "number", "/": "number", "%": "number", "^": "number", "..": "string"}


class Knowledge(WholeNumbers):
    """Answers the printer's questions about expressions."""

    def __init__(self, source: str, main: n.Function, names: Resolver, facts: Facts) -> None:
        self.source, self.main, self.names, self.facts = source, main, names, facts
        self.nodes = list(n.walk(main))
        self.by_number = {x.number: x for x in self.nodes}
        self._like: dict[str, list[n.Expression]] = {}
        self._callers: dict[int, list[n.Call | n.Method]] = {}
        self._stores: dict[str, list[n.Expression]] = {}
        self._busy: set = set()
        self.files: Collection[str] = ()  # what `require` finds among the program's own
        self.methods: dict[str, list[int]] = {}  # functions by the name of the field they are put into
        self.in_tables: set[n.Function] = set()
        self.passed: set[n.Expression] = set()  # arguments of calls
        self.in_classes: set[n.Function] = set()
        self.parents = {child: x for x in self.nodes for child in x.children()}
        self.tables = TableClasses(self)
        for x in self.nodes:
            self._enter(x)
            self._enter_fields(x)
            self._enter_arguments(x)
        for x in self.nodes:
            self._enter_methods(x)

    def _enter(self, x: n.Node) -> None:
        if isinstance(x, n.Name | n.Index):
            self._like.setdefault(self.text(x), []).append(x)
        if isinstance(x, n.Call):
            for number in self.own_functions(x.f):
                self._callers.setdefault(number, []).append(x)
        if isinstance(x, n.Table):
            for key, value in x.items:
                if isinstance(key, n.Constant):
                    self._stores.setdefault(str(key.value), []).append(value)
        if isinstance(x, n.Assign):
            for i, target in enumerate(x.targets):
                if isinstance(target, n.Index) and isinstance(target.key, n.Constant):
                    value = x.values[i] if len(x.values) == len(x.targets) else n.Vararg()
                    self._stores.setdefault(str(target.key.value), []).append(value)

    def _enter_arguments(self, x: n.Node) -> None:
        if isinstance(x, n.Call | n.Method):
            self.passed.update(x.arguments)
            for a in x.arguments:
                if isinstance(a, n.Name) and a.variable is not None:
                    self.passed.update(v for v in a.variable.values if isinstance(v, n.Function))

    def _enter_fields(self, x: n.Node) -> None:
        pairs: list = []
        if isinstance(x, n.FunctionStatement) and isinstance(x.target, n.Index):
            pairs = [(x.target.key, x.function)]
        elif isinstance(x, n.Table):
            pairs = [(k, v) for k, v in x.items if k is not None]
        elif isinstance(x, n.Assign) and len(x.targets) == len(x.values):
            pairs = [(t.key, v) for t, v in zip(x.targets, x.values) if isinstance(t, n.Index)]
        for key, value in pairs:
            if isinstance(key, n.Constant) and isinstance(value, n.Function):
                self.methods.setdefault(str(key.value), []).append(value.number)
                self.in_tables.add(value)

    def _enter_methods(self, x: n.Node) -> None:
        """Note calls of methods by name, and constructors of classes as calls of ``__init``."""
        numbers = self.methods.get(x.name, []) if isinstance(x, n.Method) else []
        if isinstance(x, n.Call) and any(w.startswith("class:") for w in self.words(x.f.number)):
            numbers = self.methods.get("__init", [])
        for number in numbers:
            self._callers.setdefault(number, []).append(x)

    def text(self, x: n.Node) -> str:
        """The expression as the program writes it."""
        return self.source[x.start : x.end]

    # -- facts

    def words(self, place: int | str) -> dict[str, int]:
        """What was recorded at a place."""
        return self.facts.get(str(place), {})

    def reached(self, x: n.Node) -> bool:
        """Whether a run came here."""
        return str(x.number) in self.facts

    def own_functions(self, f: n.Expression) -> list[int]:
        """The numbers of the program's functions that were called here."""
        f = f.x if isinstance(f, n.Paren) else f
        found = [int(w[9:]) for w in self.words(f.number) if w.startswith("function:") and w[9:].isdigit()]
        if not found and isinstance(f, n.Name) and f.variable is not None:
            values = [v for v in f.variable.values if v is not None]
            found = [v.number for v in values if isinstance(v, n.Function)]
        return found

    def may_be_empty(self, x: n.Expression) -> bool:
        """Whether a tensor without dimension was seen here, or nobody knows."""
        words = [w for w in self.words(x.number) if w.startswith("tensor:")]
        return any(w.endswith(":0") for w in words) or not words

    def object_names(self, x: n.Expression) -> set[str]:
        """The Torch names of the objects here, or where the program writes the same."""
        places = [x, *self._like.get(self.text(x), [])]
        return {w[7:] for y in places for w in self.words(y.number) if w.startswith("object:")}

    def callers(self, f: n.Function) -> list[n.Call | n.Method]:
        """The calls that reach a function of the program, as far as they are known."""
        return self._callers.get(f.number, [])

    def counts(self, x: n.Expression) -> list[int]:
        """How many values a call gave."""
        return sorted(int(w[6:]) for w in self.words(x.number) if w.startswith("count:"))

    def is_spread(self, x: n.Expression) -> bool:
        """Whether all values of a call are taken, as many as they are."""
        parent = self.parents.get(x)
        if isinstance(parent, n.Call | n.Method):
            return bool(parent.arguments) and parent.arguments[-1] is x
        if isinstance(parent, n.Return):
            return parent.values[-1] is x
        return isinstance(parent, n.Table) and bool(parent.items) and parent.items[-1][1] is x

    def kinds(self, x: n.Expression, place: int | str | None = None) -> frozenset[str]:
        """The kinds of values here: nil, boolean, number, string, tensor, list, dict, Table, object, function, ..."""
        if isinstance(x, n.Constant):
            return frozenset({_kind_of_constant(x.value)})
        if isinstance(x, n.Paren):
            return self.kinds(x.x)
        if isinstance(x, n.Function):
            return frozenset({"function"})
        if isinstance(x, n.Name) and x.variable is None and x.id in ("arg", "_G"):
            return frozenset({"list" if x.id == "arg" else "dict"})
        if isinstance(x, n.Table):
            return frozenset({self.tables.form(x.number)})
        words = self.words(x.number if place is None else place)
        found = self._kinds_of_words(words)
        return found or self._guessed(x)

    def kinds_of(self, x: n.Expression) -> set[str]:
        """The kinds recorded here as far as the forms of tables do not matter."""
        return {w.partition(":")[0] for w in self.words(x.number)}

    def _kinds_of_words(self, words: dict[str, int]) -> frozenset[str]:
        found = set()
        for word in words:
            kind, _, rest = word.partition(":")
            if kind == "table":
                found.add(self.tables.form(int(rest.split(":")[0]), rest))
            elif kind == "package" and (rest in self.files or not is_package(rest)):
                found.add("foreign")
            elif kind not in ("count", "key", "resized", "nothing", "round", "iterator", "extra"):
                found.add(kind)
        return frozenset(found)

    def _guessed(self, x: n.Expression) -> frozenset[str]:
        """Of a place where no run came: from its form, or from places that look the same."""
        if x in self._busy:
            return frozenset()
        self._busy.add(x)
        try:
            return self._from_form(x) or self._from_likes(x)
        finally:
            self._busy.discard(x)

    def _from_form(self, x: n.Expression) -> frozenset[str]:
        if isinstance(x, n.Binary):
            if x.op in _RESULTS:
                sides = self.kinds(x.left) | self.kinds(x.right)
                return frozenset({_RESULTS[x.op]}) if sides <= {"number", "string"} and sides else sides & {"tensor"}
            if x.op in ("and", "or"):
                return (
                    self.kinds(x.left) | self.kinds(x.right)
                    if self.kinds(x.left) and self.kinds(x.right)
                    else frozenset()
                )
            return frozenset({"boolean"})
        if isinstance(x, n.Unary):
            kinds = self.kinds(x.x)
            if x.op == "not":
                return frozenset({"boolean"})
            return (
                (frozenset({"sizes"}) if kinds == {"tensor"} else frozenset({"number"}))
                if kinds and x.op == "#"
                else kinds
            )
        if isinstance(x, n.Call):
            return self._of_call(x)
        if isinstance(x, n.Method):
            return self._of_method(x)
        if isinstance(x, n.Name) and x.id == "self" and x.variable and x.variable.function.node in self.in_classes:
            return frozenset({"object"})
        if isinstance(x, n.Name) and x.variable and x.variable.parameter and self.replaces(x.variable.function.node):
            return frozenset({"string"})
        if isinstance(x, n.Name) and x.variable is None:
            return frozenset({CONSTRUCTORS[x.id]}) if x.id in CONSTRUCTORS else frozenset()
        return frozenset()

    def replaces(self, f: n.Function) -> bool:
        """Whether a function is what ``gsub`` calls with its captures."""
        call = self.parents.get(f)
        return (isinstance(call, n.Method) and call.name == "gsub") or (
            isinstance(call, n.Call) and self.text(call.f) == "string.gsub"
        )

    def _of_call(self, x: n.Call) -> frozenset[str]:
        text = self.text(x.f)
        if text in KIND_OF_FUNCTION:
            return frozenset({KIND_OF_FUNCTION[text]})
        package = text.split(".")[0]
        if package in ("nn", "rnn", "dpnn") and text.count(".") == 1 and text[len(package) + 1 :][:1].isupper():
            return frozenset({"object"})
        if text.startswith("torch.") and text.endswith("Tensor"):
            return frozenset({"tensor"})
        return frozenset()

    def _of_method(self, x: n.Method) -> frozenset[str]:
        kinds = self.kinds(x.of)
        if kinds == {"tensor"}:
            if x.name in INTEGER_METHODS:
                return frozenset({"number"})
            if x.name in SAME_KIND_METHODS:
                return kinds
            if x.name == "storage":
                return frozenset({"storage"})
        if kinds == {"string"} and x.name in ("sub", "lower", "upper", "rep", "format", "reverse"):
            return kinds
        if kinds == {"object"} and x.name in ("add", "clone", "get", "float", "double", "cuda", "training", "evaluate"):
            return kinds
        return frozenset()

    def _from_likes(self, x: n.Expression) -> frozenset[str]:
        found: set[str] = set()
        if isinstance(x, n.Name) and x.variable is not None:
            for value in x.variable.values:
                if value is not None and value is not x:
                    found |= self.kinds(value)
        if isinstance(x, n.Name | n.Index):
            for other in self._like.get(self.text(x), []):
                same = not isinstance(x, n.Name) or other.variable is x.variable
                if other is not x and same and self.reached(other):
                    found |= self._kinds_of_words(self.words(other.number))
        return frozenset(found)

    # -- tensors

    def tensor_words(self, x: n.Expression) -> list[tuple[str, int]]:
        """The types and numbers of dimensions of the tensors here."""
        words = self.words(x.x.number if isinstance(x, n.Paren) else x.number)
        return [(w.split(":")[1], int(w.split(":")[2])) for w in words if w.startswith("tensor:")]

    def dimensions(self, x: n.Expression) -> int | None:
        """The number of dimensions of a tensor, None where it varies or is not known."""
        found = {d for _, d in self.tensor_words(x)}
        return found.pop() if len(found) == 1 else None

    def tensor_types(self, x: n.Expression) -> set[str]:
        """The types of the tensors here."""
        return {t for t, _ in self.tensor_words(x)}

    # -- numbers


def _kind_of_constant(value: object) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"
