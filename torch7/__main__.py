"""``python -m torch7``: commands for .t7 files, Lua programs and kernels."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from .completions import SHELLS, script
from .serialization.convert import NO_PARAMETER, convert
from .serialization.errors import T7Error
from .serialization.files import opened_records
from .serialization.inspect import DEPTH, ITEMS, describe
from .serialization.sinks import MODES
from .serialization.view import view
from .version import __version__
from .warming import KINDS, warm, warm_cuda


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, or 1 with a line on stderr (2 for wrong usage)."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except BrokenPipeError:
        raise
    except (T7Error, OSError) as e:
        print(f"torch7 {options.command}: {e}", file=sys.stderr)
        return 1
    except RecursionError:
        print(f"torch7 {options.command}: a network in the file holds itself, or is too deep", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="torch7",
        description="Look into .t7 files, of which nothing is run, convert them, run Lua programs, compile kernels.",
    )
    parser.add_argument("--version", action="version", version=f"torch7 {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    inspect = commands.add_parser("inspect", help="print the tree of a file: types, shapes, parameter counts")
    inspect.add_argument("--depth", type=int, default=DEPTH, help="levels to show (default %(default)s)")
    inspect.add_argument("--items", type=int, default=ITEMS, help="plain values to show of a table (%(default)s)")
    inspect.add_argument("--input", metavar="SIZES", help="run the network on zeros, 1x3x32x32, and print its layers")
    inspect.set_defaults(run=_inspect)
    converter = commands.add_parser(
        "convert", help="write the parameters to .npz or .safetensors, or the network as .onnx or a program for PyTorch"
    )
    converter.add_argument("--all", action="store_true", help="every tensor, not only the parameters")
    converter.set_defaults(run=_convert)
    viewer = commands.add_parser("view", help="write one page of HTML: tree, statistics, histograms, filters")
    viewer.add_argument("-o", "--out", metavar="OUT", help="the page (default: the file's name with .html)")
    viewer.set_defaults(run=_view)
    for command in (inspect, converter, viewer):
        command.add_argument("file", metavar="FILE", help="a .t7 file")
        command.add_argument("--mode", choices=MODES, help="its encoding (default: binary, then ascii)")
    converter.add_argument("out", metavar="OUT", help="the new file, .npz, .safetensors or .onnx, or a folder")
    converter.add_argument(
        "--to",
        choices=["onnx", "pytorch"],
        help="the network instead of its numbers: an ONNX file, or model.py + weights",
    )
    converter.add_argument("--input", metavar="SIZES", help="of the network's input, 1x3x32x32 (default: found)")
    for command in (inspect, converter):
        command.add_argument("--at", metavar="PLACE", help="of the network in a table, such as protos.rnn")
    runner = commands.add_parser("run", help="run a Lua program, which needs torch7[lua]")
    runner.add_argument("--trust", action="store_true", help="also run functions that the program loads from .t7 files")
    runner.add_argument("file", metavar="PROGRAM", nargs="?", help="a .lua file; without one: a prompt")
    runner.add_argument("arguments", nargs=argparse.REMAINDER, help="its own options")
    runner.set_defaults(run=_run)
    translator = commands.add_parser("translate", help="write a Lua program as a Python program")
    translator.add_argument("file", metavar="PROGRAM", help="a .lua file")
    translator.add_argument("-o", "--out", metavar="OUT", help="the new .py file (default: standard output)")
    translator.add_argument(
        "--record", metavar="ARGS", action="append", default=[], nargs="?", const="",
        help="run the program with these options first and take the types it has then; may be given several times",
    )  # fmt: skip
    translator.add_argument("--check", action="store_true", help="run both and compare what they print")
    translator.set_defaults(run=_translate)
    warmer = commands.add_parser("warm", help="compile the kernels of usual networks, which are kept")
    warmer.add_argument(
        "kind",
        choices=(*KINDS, "kernels"),
        nargs="?",
        default="all",
        help="of which networks (default: all); kernels: all of a GPU's",
    )
    warmer.add_argument("--cuda", action="store_true", help="those of the GPU")
    warmer.add_argument("--double", action="store_true", help="for float64 too; float32 alone otherwise")
    warmer.set_defaults(run=_warm)
    shells = commands.add_parser("completions", help="print a shell's program that completes this command")
    shells.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh or fish")
    shells.set_defaults(run=lambda options: print(script(parser, options.shell), end=""))
    return parser


def _warm(options: argparse.Namespace) -> None:
    there = options.cuda or options.kind == "kernels"
    (warm_cuda if there else warm)(options.kind, ("float", "double") if options.double else ("float",))


def _inspect(options: argparse.Namespace) -> None:
    if options.input is not None:
        exchange = importlib.import_module("exchange.command")  # above this package: found when it is asked for
        print(exchange.summarised(options.file, options.input, options.at, options.depth))
        return
    with opened_records(options.file, options.mode) as (root, parser):
        report = describe(root, parser, options.depth, options.items)
    print(str(report).encode(errors="backslashreplace").decode())


def _view(options: argparse.Namespace) -> None:
    print(view(options.file, options.out, options.mode))


def _convert(options: argparse.Namespace) -> None:
    to = options.to or ("onnx" if options.out.endswith(".onnx") else None)
    if to is not None:
        exchange = importlib.import_module("exchange.command")  # above this package: found when it is asked for
        exchange.convert(options.file, options.out, to, options.input, options.at)
        return
    left_out = convert(options.file, options.out, options.mode, options.all)
    others = [name for name, why in left_out.items() if why == NO_PARAMETER]
    for name, why in left_out.items():
        if why != NO_PARAMETER:
            print(f"left out: {name} ({why})")
    if others:
        print(f"left out: {len(others)} tensors that are no parameters, such as {others[0]}; --all writes them")


def _translate(options: argparse.Namespace) -> None:
    translator = importlib.import_module("luahost.translator.command")
    if status := translator.command(options.file, options.out, options.record, options.check):
        sys.exit(status)


def _run(options: argparse.Namespace) -> None:
    program = importlib.import_module("luahost")  # above this package: found when it is asked for
    status = program.run(options.file, options.arguments, options.trust) if options.file else program.prompt()
    program.leave(status)


def command() -> int:
    """The command ``torch7``: :func:`main`, and no word where a reader such as ``head`` has enough."""
    try:
        return main()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(command())
