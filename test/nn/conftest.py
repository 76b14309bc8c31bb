"""Lets the battery import the tables of cases beside it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
