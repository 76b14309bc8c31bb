"""Every test here runs with nngraph; the battery imports the tables of cases beside it."""

import sys
from pathlib import Path

import nngraph  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent))
