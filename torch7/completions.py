"""``torch7 completions SHELL``: what bash, zsh or fish complete after ``torch7``, made of the command's own parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

SHELLS = ("bash", "zsh", "fish")


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The program for ``shell``; it goes into a file that the shell reads at its start."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](_commands(parser)) + "\n"


Command = tuple[str, str, list[argparse.Action]]


def _commands(parser: argparse.ArgumentParser) -> list[Command]:
    """Name, help and arguments of each command."""
    (found,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help or "" for choice in found._choices_actions}
    return [(name, helps.get(name, ""), _shown(p)) for name, p in found.choices.items()]


def _shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [a for a in parser._actions if a.help is not argparse.SUPPRESS]


def _help(action: argparse.Action) -> str:
    """The help of an option in one line, without what argparse would put in."""
    return " ".join((action.help or "").replace("%(default)s", str(action.default)).split())


def _values(action: argparse.Action) -> list[str]:
    return [str(choice) for choice in action.choices or ()]


def _bash(commands: list[Command]) -> str:
    names = " ".join(name for name, _, _ in commands)
    values, options = [], []
    for name, _, actions in commands:
        flags = " ".join(flag for a in actions for flag in a.option_strings)
        words = " ".join(v for a in actions if not a.option_strings for v in _values(a))
        options.append(f'    {name}) words="{flags}" places="{words}" ;;')
        values += [
            f'    {name}:{flag}) COMPREPLY=($(compgen -W "{" ".join(_values(a))}" -- "$word")); return ;;'
            for a in actions
            for flag in a.option_strings
            if a.choices
        ]
    return f"""# torch7's completions for bash: put this into ~/.local/share/bash-completion/completions/torch7
_torch7() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words="" places=""
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "{names} --help --version" -- "$word"))
    return
  fi
  case "${{COMP_WORDS[1]}}:$before" in
{chr(10).join(values)}
  esac
  case "${{COMP_WORDS[1]}}" in
{chr(10).join(options)}
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  elif [[ -n $places ]]; then
    COMPREPLY=($(compgen -W "$places" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -o filenames -F _torch7 torch7"""


def _zsh(commands: list[Command]) -> str:
    described = "\n".join(f"    {_quoted(f'{name}:{text}')}" for name, text, _ in commands)
    cases = "\n".join(f"    {name}) _arguments {' '.join(_zsh_arguments(actions))} ;;" for name, _, actions in commands)
    return f"""#compdef torch7
# torch7's completions for zsh: put this as _torch7 into a folder of $fpath
_torch7() {{
  local -a commands=(
{described}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
{cases}
  esac
}}
if [[ $funcstack[1] == _torch7 ]]; then
  _torch7 "$@"
else
  compdef _torch7 torch7
fi"""


def _zsh_arguments(actions: list[argparse.Action]) -> Iterator[str]:
    for action in actions:
        values = f"({' '.join(_values(action))})" if action.choices else "_files"
        text = _help(action).replace("[", "(").replace("]", ")").replace(":", " ")
        for flag in action.option_strings:
            yield _quoted(f"{flag}[{text}]" + ("" if action.nargs == 0 else f":{action.dest}:{values}"))
        if not action.option_strings:
            yield _quoted(f":{action.dest}:{values}")


def _fish(commands: list[Command]) -> str:
    lines = ["# torch7's completions for fish: put this into ~/.config/fish/completions/torch7.fish"]
    lines += [f"complete -c torch7 -n __fish_use_subcommand -l {flag} -f" for flag in ("help", "version")]
    for name, text, actions in commands:
        lines.append(f"complete -c torch7 -n __fish_use_subcommand -f -a {name} -d {_quoted(text)}")
        within = f"complete -c torch7 -n '__fish_seen_subcommand_from {name}'"
        for action in actions:
            values = f" -f -a {_quoted(' '.join(_values(action)))}" if action.choices else ""
            flags = " ".join(("-l " if f.startswith("--") else "-s ") + f.lstrip("-") for f in action.option_strings)
            needs = "" if action.nargs == 0 or not flags else " -r"
            if flags or values:
                lines.append(f"{within}{' ' if flags else ''}{flags}{needs}{values} -d {_quoted(_help(action))}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "'\\''") + "'"
