"""How the pages are built: `python -m sphinx -n -W docs docs/_build`."""

from __future__ import annotations

from importlib.metadata import version as installed_version

project = "branchkit"
author = "the branchkit authors"
release = version = installed_version("branchkit")
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "conftest.py"]

html_theme = "furo"
html_title = "branchkit"
html_show_sourcelink = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_numpy_docstring = False

# The prompts of examples are not copied with them.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# Our own names must resolve; those of other libraries cannot without fetching their inventories from the network.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!branchkit\b).*"),
    (r"py:class", r"branchkit\..*\._[A-Z]\w+"),  # a private base has no page
    (r"py:obj", r"branchkit\..*\.[A-Z]"),  # a type variable is no page of its own
]
