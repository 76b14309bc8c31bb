"""Lets every test import what tests share, ``from records import load``, and take its time on a busy machine.

What hypothesis draws is the same at every run.
"""

import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent / "golden"))
settings.register_profile(
    "alike", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("alike")
