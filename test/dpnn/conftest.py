"""Every test here runs with dpnn; the battery imports the tables of cases beside it."""

import sys
from pathlib import Path

import dpnn  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent))
