"""What the translator refuses, with the place in the program."""

from __future__ import annotations


class TranslationError(SyntaxError):
    """A program that cannot be read or has no form in Python; ``line`` is where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
