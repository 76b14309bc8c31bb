"""What worker processes of the tests import."""

import os
import time

import dataload as dl


class Slow(dl.TensorLoader):
    """Fails at sample ``bad`` and is slower for the first samples."""

    bad = 0

    def sub(self, start, stop, *buffers):
        time.sleep(0.03 / start)
        if start <= self.bad <= stop:
            raise LookupError(f"sample {self.bad} is bad")
        return super().sub(start, stop, *buffers)


def leave(dataset, code):
    os._exit(code)


def refuse():
    raise OSError("not here")


class Unreadable:
    def __reduce__(self):
        return refuse, ()
