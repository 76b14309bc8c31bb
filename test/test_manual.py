"""The manual: it builds without a warning, its links lead somewhere, its formulas and index are there, offline."""

import importlib
import inspect
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from nn.manual_names import MANUAL

ROOT = Path(__file__).parent.parent
TEXTS = [ROOT / "README.md", *(p for p in (ROOT / "doc").rglob("*.md") if "_build" not in p.parts)]


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to by; its formulas."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors, self.formulas = [], [], {""}, 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        self.formulas += tag == "math"
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        loads = tag in ("script", "img", "iframe") or (tag == "link" and found.get("rel") in ("stylesheet", "icon"))
        self.loaded += [found[name] for name in ("src", "href") if loads and found.get(name)]


def slug(heading):
    """The anchor of a heading, as MyST makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", "")).replace(" ", "-")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_the_text(path):
    """Files exist, and headings with anchors; what is between backticks or in programs is no link."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    for target in re.findall(r"\[[^\]\n]*\]\(([^)\s]+)\)", text):
        url = urlsplit(target)
        if not url.scheme and not target.startswith("../_build/plots/"):  # drawn by the build, which looks for them
            file = path.parent / unquote(url.path) if url.path else path
            assert file.exists(), f"{target} leads nowhere"
            if url.fragment and file.suffix == ".md":
                content = file.read_text(encoding="utf-8")
                headings = {slug(h) for h in re.findall(r"^#+ (.*)$", content, re.M)}
                headings |= set(re.findall(r"^\(([\w-]+)\)=$", content, re.M))
                assert url.fragment in headings, f"{target}: there is no such heading"


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_manual_builds(tmp_path):
    for needed in ("sphinx", "furo", "myst_parser", "latex2mathml", "matplotlib"):
        pytest.importorskip(needed)
    source, target = tmp_path / "doc", tmp_path / "html"
    shutil.copytree(ROOT / "doc", source, ignore=shutil.ignore_patterns("_build", "api", "__pycache__"))
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(source), str(target)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    pages = {path: Page(path) for path in target.rglob("*.html")}
    links_lead_somewhere(pages)
    nothing_comes_from_elsewhere(pages)
    formulas_are_built_in(source, target, pages)
    the_start_page_shows_the_way(pages[target / "index.html"])
    the_index_has_every_name(target)


def links_lead_somewhere(pages):
    for path, page in pages.items():
        for link in page.links:
            url = urlsplit(link)
            if not url.scheme and not url.netloc:
                file = (path.parent / unquote(url.path)).resolve() if url.path else path
                assert file.exists(), f"{path.name}: {link} leads nowhere"
                if file in pages and path.name not in ("search.html", "genindex.html"):
                    assert unquote(url.fragment) in pages[file].anchors, f"{path.name}: {link}: no such anchor"


def nothing_comes_from_elsewhere(pages):
    for path, page in pages.items():
        for address in page.loaded:
            assert not urlsplit(address).netloc, f"{path.name} loads {address}"


def formulas_are_built_in(source, target, pages):
    """Every formula of a text is an element ``math`` of its page."""
    total = 0
    for text in source.rglob("*.md"):
        if "_build" in text.parts:
            continue
        content = re.sub(r"```.*?```", "", text.read_text(encoding="utf-8"), flags=re.DOTALL)
        content = re.sub(r"`[^`]*`", "", content)
        blocks = re.findall(r"\$\$.+?\$\$", content, re.DOTALL)
        inline = re.findall(
            r"(?<![\w$\\])\$(?!\s)[^$\n]+?(?<!\s)\$(?![\w$])", re.sub(r"\$\$.+?\$\$", "", content, flags=re.S)
        )
        page = pages[(target / text.relative_to(source)).with_suffix(".html")]
        assert page.formulas == len(blocks) + len(inline), f"{text.name}: {page.formulas} formulas"
        total += page.formulas
    assert total > 100


def the_start_page_shows_the_way(page):
    for chapter in ("open-old-model", "train-on", "porting", "gpu", "many-machines", "nn/overview", "exchange/onnx"):
        assert f"{chapter}.html" in page.links, chapter
    assert "genindex.html" in page.links


def the_index_has_every_name(target):
    sphinx = importlib.import_module("sphinx.util.inventory")
    found = sphinx.InventoryFile.loads((target / "objects.inv").read_bytes(), uri="")
    names = {name for kind in ("py:class", "py:function", "py:exception") for name in found.data.get(kind, {})}
    for package in (
        "nn",
        "rnn",
        "dpnn",
        "nngraph",
        "optim",
        "dataload",
        "nn.pytorch",
        "nn.pytorch.functional",
        "nn.testing",
    ):
        module = importlib.import_module(package)
        for name, value in vars(module).items():
            public = inspect.isclass(value) or inspect.isfunction(value)
            ours = public and value.__module__.split(".")[0] == package.split(".")[0] and not name.startswith("_")
            if ours and name not in ("Elsewhere", "Renamed", "nearest"):
                known = {f"{package}.{name}", f"nn.{name}"} & names
                assert known or value.__name__ != name, f"{package}.{name} is not in the index"


SIGNATURE = re.compile(r"`(?:nn\.|optim\.|dl\.)?([A-Z]\w*)\(([^`\n]*)\)`")


@pytest.mark.parametrize("chapter", ["nn", "dpnn", "rnn", "optim", "dataload"])
def test_parameters_have_the_names_of_the_manual(chapter):
    """``Linear(inputSize, outputSize, [bias])``: what the manual calls an argument is a keyword."""
    package = importlib.import_module("nn" if chapter in ("nn", "dpnn", "rnn") else chapter)
    importlib.import_module("rnn")
    for path in (ROOT / "doc" / chapter).glob("*.md"):
        for name, arguments in SIGNATURE.findall(path.read_text(encoding="utf-8")):
            words = [a.partition("=")[0].strip() for a in re.sub(r"[\[\]]", "", arguments).split(",") if a.strip()]
            parameters = getattr(package, name, None) and inspect.signature(getattr(package, name)).parameters
            plain = all(re.fullmatch(r"[a-z_]\w*", word) for word in words) and "..." not in arguments
            if parameters and plain and not any(p.kind is p.VAR_POSITIONAL for p in parameters.values()):
                names = {*parameters, *MANUAL.get(name, {})}
                strange = [word for word in words if word not in names]
                assert not strange, f"{path.name}: {name}({arguments}): no parameter is called {strange}"
