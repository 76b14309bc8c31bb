"""The files that a program requires: found by ``package.path``'s rules, translated to modules beside the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from . import nodes as n
from .classes import find_classes
from .parser import parse
from .scopes import resolve


@dataclass
class Project:
    """The files by the names that ``require`` has for them, and the globals that files share."""

    files: dict[str, Path] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    def module(self, name: str) -> Path:
        """Where the translation of a required file goes, beside the program."""
        made = Path(*name.replace("/", ".").split("."))
        return made / "__init__.py" if self.files[name].name == "init.lua" else made.with_name(made.name + ".py")


def project_of(path: str) -> Project:
    """The files that a program requires, and those that these require."""
    folders = [Path.cwd(), Path(path).resolve().parent]
    files: dict[str, Path] = {}
    names = [_Names(Path(path))]
    waiting = list(names[0].required)
    while waiting:
        name = waiting.pop(0)
        found = _find(name, folders) if name not in files else None
        if found is not None:
            files[name] = found
            names.append(_Names(found))
            waiting += names[-1].required
    assigned = [x.assigned for x in names]
    shared = {
        name
        for i, x in enumerate(names)
        for name in x.used | x.assigned
        if any(name in other for j, other in enumerate(assigned) if j != i)
    }
    return Project(files, frozenset(shared))


def _find(name: str, folders: list[Path]) -> Path | None:
    place = name.replace(".", "/")
    candidates = [folder / f"{place}{end}" for folder in folders for end in (".lua", "/init.lua")]
    return next((p for p in candidates if p.is_file()), None)


class _Names:
    """What a file requires, and the globals that it assigns and uses."""

    def __init__(self, path: Path) -> None:
        main, _ = parse(path.read_bytes().decode("latin-1"))
        names = resolve(main)
        self.required = [
            str(x.arguments[0].value)
            for x in n.walk(main)
            if isinstance(x, n.Call) and getattr(x.f, "id", "") == "require" and x.arguments
            and isinstance(x.arguments[0], n.Constant)
        ]  # fmt: skip
        classes = {c.short for c in find_classes(main).values() if "." not in c.name}
        self.assigned = names.assigned_globals | classes
        self.used = set(names.globals)
