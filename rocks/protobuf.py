"""The wire format of protocol buffers, as far as a reader needs it: fields by number, nothing generated."""

from __future__ import annotations

from typing import Any

import numpy as np


class Message:
    """The fields of one message: ``one(n)``, ``many(n)``, ``text(n)``, ``messages(n)``, ``floats(n)`` of field n."""

    def __init__(self, data: Any) -> None:
        self._data = memoryview(data)
        self._fields: dict[int, list[tuple[int, Any]]] = {}
        place = 0
        while place < len(self._data):
            place = self._field(place)

    def _field(self, place: int) -> int:
        key, place = self._number(place)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, place = self._number(place)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
            value, place = self._bytes(place, length)
        elif kind == 2:
            length, place = self._number(place)
            value, place = self._bytes(place, length)
        else:
            raise ValueError(f"no protocol buffer: wire type {kind} at byte {place}")
        self._fields.setdefault(number, []).append((kind, value))
        return place

    def _bytes(self, place: int, length: int) -> tuple[Any, int]:
        if place + length > len(self._data):
            raise ValueError(f"the file ends within a field of {length} bytes at byte {place}")
        return self._data[place : place + length], place + length

    def _number(self, place: int) -> tuple[int, int]:
        """A number of 7 bits a byte, the lowest first."""
        value = shift = 0
        while True:
            if place >= len(self._data) or shift > 63:
                raise ValueError(f"no protocol buffer: a number without an end at byte {place}")
            byte = self._data[place]
            value |= (byte & 127) << shift
            place, shift = place + 1, shift + 7
            if byte < 128:
                return value, place

    def __contains__(self, number: int) -> bool:
        return number in self._fields

    def many(self, number: int) -> list[int]:
        """Whole numbers, single or packed."""
        found = []
        for kind, value in self._fields.get(number, []):
            if kind == 0:
                found.append(value)
            else:
                packed, place = Message(b""), 0
                packed._data = value
                while place < len(value):
                    one, place = packed._number(place)
                    found.append(one)
        return found

    def one(self, number: int, default: int = 0) -> int:
        """The last whole number of a field."""
        return (self.many(number) or [default])[-1]

    def real(self, number: int, default: float) -> float:
        """The last float of a field."""
        found = self.floats(number)
        return float(found[-1]) if len(found) else default

    def floats(self, number: int, dtype: str = "<f4") -> np.ndarray:
        """Floats (``'<f8'``: doubles), single or packed."""
        parts = [np.frombuffer(value, dtype) for kind, value in self._fields.get(number, []) if kind != 0]
        return np.concatenate(parts) if parts else np.empty(0, dtype)

    def texts(self, number: int) -> list[str]:
        """Texts."""
        return [bytes(value).decode("utf-8", "replace") for _, value in self._fields.get(number, [])]

    def text(self, number: int) -> str:
        """The last text of a field, or ''."""
        return (self.texts(number) or [""])[-1]

    def messages(self, number: int) -> list[Message]:
        """Messages within this one."""
        return [Message(value) for kind, value in self._fields.get(number, []) if kind == 2]

    def message(self, number: int) -> Message:
        """The last message of a field; an empty one where there is none."""
        return (self.messages(number) or [Message(b"")])[-1]
