"""Sphinx settings of the manual: MyST markdown, the furo theme, plots drawn while building."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "torch7"
html_title = "Torch7 for Python"
html_theme = "furo"
extensions = ["myst_parser", "plots", "pictures"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
