"""Lets every test import what tests share, ``from records import load``, and take its time on a busy machine."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent / "golden"))
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
