"""Sphinx settings of the manual: MyST markdown, the furo theme, plots drawn while building."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "torch7"
html_title = "Torch7 for Python"
html_theme = "furo"
html_show_copyright = False
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["manual.css"]
extensions = ["myst_parser", "plots", "pictures", "mathml", "reference", "tidy"]
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
add_module_names = True
toc_object_entries = False
