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
    """The files by the names that ``require`` has for them, the globals that they share, whether texts are bytes.

    ``draws`` is the file that loads nn first, after a seed: there the four numbers are drawn (``''``: the program).
    """

    files: dict[str, Path] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    octets: bool = False
    draws: str | None = None

    def module(self, name: str) -> Path:
        """Where the translation of a required file goes, beside the program."""
        if name.endswith(".lua"):
            return Path(name).with_suffix(".py")
        made = Path(*name.replace("/", ".").split("."))
        return made / "__init__.py" if self.files[name].name == "init.lua" else made.with_name(made.name + ".py")


def project_of(path: str) -> Project:
    """The files that a program requires, and those that these require."""
    main = Path(path).resolve()
    folders = [Path.cwd(), main.parent]
    files: dict[str, Path] = {}
    names = [_Names(main)]
    by_name = {"": names[0]}
    for user in names:  # which grows
        wanted = {name: _find(name, folders) for name in user.required}
        wanted |= dict(filter(None, (_beside(main.parent, p) for p in user.run(folders))))
        for name, found in wanted.items():
            if found is not None and name not in files:
                files[name] = found
                names.append(_Names(found))
                by_name[name] = names[-1]
    assigned = [x.assigned for x in names]
    shared = {
        name
        for i, x in enumerate(names)
        for name in x.used | x.assigned
        if any(name in other for j, other in enumerate(assigned) if j != i)
    }
    return Project(files, frozenset(shared), draws=first_draw({name: x.main for name, x in by_name.items()}))


_SEEDS = ("torch.manualSeed", "torch.setRNGState")
_ON_NN = ("nn", "nngraph", "dpnn", "rnn", "nnx")
_RUNS = ("require", "dofile", "include", "paths.dofile")


def first_draw(mains: dict[str, n.Function]) -> str | None:
    """The file (``''``: the program) where nn is loaded first, if the program had seeded by then."""
    seeded, entered = False, set()

    def search(name: str) -> tuple[str | None] | None:
        nonlocal seeded
        entered.add(name)
        for x in n.walk(mains[name]):
            if not isinstance(x, n.Call):
                continue
            called = _name_of(x.f)
            seeded = seeded or called in _SEEDS
            wanted = getattr(x.arguments[0], "value", None) if x.arguments and called in _RUNS else None
            if called == "require" and wanted in _ON_NN and wanted not in mains:
                return (name if seeded else None,)
            if isinstance(wanted, str) and wanted in mains and wanted not in entered and (found := search(wanted)):
                return found
        return None

    found = search("")
    return None if found is None else found[0]


def _find(name: str, folders: list[Path]) -> Path | None:
    place = name.replace(".", "/")
    candidates = [folder / f"{place}{end}" for folder in folders for end in (".lua", "/init.lua")]
    return next((p for p in candidates if p.is_file()), None)


def _beside(folder: Path, file: Path) -> tuple[str, Path] | None:
    """A file that is run by its name, by its place from the program's folder on."""
    return (file.relative_to(folder).as_posix(), file) if file.is_relative_to(folder) else None


class _Names:
    """What a file requires, and the globals that it assigns and uses."""

    def __init__(self, path: Path) -> None:
        main, _ = parse(path.read_bytes().decode("latin-1"))
        names = resolve(main)
        self.main = main
        self.folder = path.parent
        self.required = _constants(main, ("require",))
        self.files = _constants(main, ("dofile", "loadfile"))
        self.beside = _constants(main, ("include", "paths.dofile"))
        classes = {c.short for c in find_classes(main).values() if "." not in c.name}
        self.assigned = names.assigned_globals | classes
        self.used = set(names.globals)

    def run(self, folders: list[Path]) -> list[Path]:
        """The files that ``dofile`` and ``include`` name."""
        places = [(folder / name) for name in self.files for folder in folders]
        found = [p.resolve() for p in [*places, *(self.folder / name for name in self.beside)]]
        return [p for p in found if p.is_file() and p.suffix == ".lua"]


def _constants(main: n.Function, functions: tuple[str, ...]) -> list[str]:
    """The texts that the program calls these functions with."""
    calls = [x for x in n.walk(main) if isinstance(x, n.Call) and x.arguments and _name_of(x.f) in functions]
    return [x.arguments[0].value for x in calls if isinstance(getattr(x.arguments[0], "value", None), str)]


def _name_of(f: n.Expression) -> str:
    if isinstance(f, n.Index) and isinstance(f.of, n.Name) and f.dot:
        return f"{f.of.id}.{f.key.value}"
    return getattr(f, "id", "")
