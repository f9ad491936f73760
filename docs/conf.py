"""Settings of Sphinx for the site; docs/build.py lays its sources."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pinnsolve.version import VERSION  # after the path

project = "pinnsolve"
author = "The pinnsolve authors"
copyright = "the pinnsolve authors"
release = VERSION

extensions = ["myst_parser", "sphinx.ext.autodoc", "docs.extension"]
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline"]
myst_heading_anchors = 3
default_role = "py:obj"  # a public name in backticks is a link to it
autodoc_member_order = "bysource"
autodoc_typehints = "none"
add_module_names = False
toc_object_entries = False
html_math_renderer = "mathml"

html_theme = "furo"
html_title = f"pinnsolve {VERSION}"
html_static_path = [str(Path(__file__).parent / "site" / "_static")]
html_css_files = ["style.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#2b5d8a", "color-brand-content": "#2b5d8a"},
    "dark_css_variables": {"color-brand-primary": "#8ab8e0", "color-brand-content": "#8ab8e0"},
}
