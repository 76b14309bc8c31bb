"""``require 'argcheck'``: a function that takes arguments by position or name, with types, defaults and checks.

::

    check = argcheck.argcheck([
        {'name': 'x', 'type': 'torch.DoubleTensor', 'help': 'the input'},
        {'name': 'n', 'type': 'number', 'default': 3},
    ])
    x, n = check(x)            # or check({'x': x, 'n': 2}), or check(x, n=2)

The module itself can be called: ``argcheck([...])``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch7

from .callable_module import make_callable

_OPTIONS = frozenset(
    {"call", "help", "doc", "nonamed", "noordered", "quiet", "pack", "force", "overload", "debug", "chain"}
)


def isoftype(x: Any, kind: str) -> bool:
    """Whether a value is of a type: Lua's word, a Torch class, ``'numbers'``, or a pattern with ``*`` as
    ``'torch.*Tensor'``.
    """
    if kind == "*":
        return True
    if kind == "numbers":
        return isinstance(x, list | tuple) and all(torch7.type(v) == "number" for v in x)
    if "*" in kind:
        import fnmatch

        return fnmatch.fnmatchcase(torch7.type(x), kind)
    return torch7.type(x) == kind or (torch7.typename(x) is not None and torch7.isTypeOf(x, f"^{kind}$"))


def argcheck(rules: Any, **options: Any) -> Callable[..., Any]:
    """The checking function of a list of rules, dicts of ``name``, ``type``, ``default``, ``defaulta``, ``defaultf``,
    ``opt``, ``check``, ``help``.

    Options: ``call`` (what gets the arguments), ``pack`` (they are one dict), ``quiet`` (False and the message instead
    of an error), ``nonamed``, ``noordered``, ``overload`` (a checking function that is tried first). A dict has the
    rules at 1, 2 ... and the options by name, as the table in Lua.
    """
    if isinstance(rules, dict):
        options = {**{k: v for k, v in rules.items() if k in _OPTIONS}, **options}
        rules = [rules[i] for i in sorted(k for k in rules if isinstance(k, int))]
    unknown = options.keys() - _OPTIONS
    if unknown:
        raise TypeError(f"argcheck: unknown option {', '.join(sorted(unknown))}")
    return _Check(list(rules), options)


class _Check:
    def __init__(self, rules: list[dict], options: dict) -> None:
        self.rules, self.options = rules, options
        if any("name" not in rule or "type" not in rule for rule in rules):
            raise ValueError("argcheck: a rule needs a name and a type")
        other = options.get("overload")
        while other is not None and not options.get("force"):
            if both := self.orders() & other.orders():
                raise ValueError(f"argcheck: both functions take {min(both)}; force=True puts this one first")
            other = other.options.get("overload")

    def orders(self) -> set[tuple[str, ...]]:
        """The types of arguments in their order that the rules take."""
        found: set[tuple[str, ...]] = {()}
        for rule in self.rules:
            found = {(*o, rule["type"]) for o in found} | (found if self._optional(rule) else set())
        return found

    def __call__(self, *args: Any, **named: Any) -> Any:
        tried: Any = self
        problem = None
        while tried is not None:
            values, wrong = tried.match(args, named)
            if wrong is None:
                return tried.finish(values)
            problem = wrong if tried is self else problem
            tried = tried.options.get("overload")
        if self.options.get("quiet"):
            return False, problem
        raise TypeError(f"{problem}\n{self.usage()}")

    def match(self, args: tuple, named: dict) -> tuple[dict, str | None]:
        """The values by name, or what is wrong."""
        names = {rule["name"] for rule in self.rules}
        first = 1 if len(args) == 2 and self.rules[0]["name"] == "self" else 0
        table = args[first] if len(args) == first + 1 and not named and not self.options.get("nonamed") else None
        alone = len(self.rules) == first + 1 and isoftype(table, self.rules[first]["type"])
        if isinstance(table, dict) and table.keys() <= names and not alone:
            args, named = (), {"self": args[0], **table} if first else table
        if args and self.options.get("noordered"):
            return {}, "invalid arguments: they are given by name"
        if len(args) > len(self.rules) or named.keys() - names:
            return {}, f"invalid arguments: {len(args)} values, names {sorted(named.keys() - names)}"
        return self._filled(self._placed(args, named))

    def _placed(self, args: tuple, named: dict) -> dict:
        """Values by name; one that does not fit a rule with a default is left to the next."""
        values, rest = dict(named), list(args)
        for i, rule in enumerate(self.rules):
            later = len(self.rules) - i - 1
            if rule["name"] in values or not rest:
                continue
            if self._optional(rule) and not self._fits(rule, rest[0]) and rest[0] is not None and len(rest) <= later:
                continue
            values[rule["name"]] = rest.pop(0)
        return values

    @staticmethod
    def _optional(rule: dict) -> bool:
        return bool(rule.get("opt")) or any(key in rule for key in ("default", "defaulta", "defaultf"))

    @staticmethod
    def _fits(rule: dict, value: Any) -> bool:
        return isoftype(value, rule["type"]) and ("check" not in rule or bool(rule["check"](value)))

    def _filled(self, values: dict) -> tuple[dict, str | None]:
        for rule in self.rules:
            name = rule["name"]
            value = values.get(name)
            if value is None:
                if not self._optional(rule):
                    return values, f"invalid arguments: {name} is missing"
                made = rule["defaultf"]() if "defaultf" in rule else rule.get("default")
                values[name] = values.get(rule["defaulta"]) if "defaulta" in rule else made
            elif not self._fits(rule, value):
                return values, f"invalid arguments: {name} is a {torch7.type(value)}, not a {rule['type']}"
        return values, None

    def finish(self, values: dict) -> Any:
        """The values in the order of the rules, one, several or packed; through ``call`` if there is one."""
        ordered = tuple(values[rule["name"]] for rule in self.rules)
        if self.options.get("pack"):
            ordered = (dict(zip((rule["name"] for rule in self.rules), ordered)),)
        call = self.options.get("call")
        if call is not None:
            return call(*ordered)
        found = (True, *ordered) if self.options.get("quiet") else ordered
        return found[0] if len(found) == 1 else found

    def usage(self) -> str:
        """The arguments, a line each."""
        lines = [str(self.options.get("help") or ""), "arguments:", "{"]
        for rule in self.rules:
            shown = f"[{rule['name']} = {rule['type']}]" if self._optional(rule) else f"{rule['name']} = {rule['type']}"
            default = f" [default={rule['default']}]" if "default" in rule else ""
            lines.append(f"   {shown:<24} -- {rule.get('help', '')}{default}".rstrip(" -"))
        return "\n".join([*lines, "}"]).strip()


make_callable(__name__, argcheck)
