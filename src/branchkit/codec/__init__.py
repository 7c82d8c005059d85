"""Between objects and files: strict, lossless, driven by the annotations of attrs classes.

Every problem of a document is reported at once, each with its path, and never with a value: what is read may be
personal. `make_converter` is the way to cattrs, for an application's own classes.
"""

from __future__ import annotations

from branchkit.codec.bridge import make_converter
from branchkit.codec.document import Document
from branchkit.codec.misfits import misfits
from branchkit.codec.problems import child, rebase
from branchkit.codec.scalars import duration_text, parse_duration
from branchkit.codec.schema import json_schema
from branchkit.codec.sealing import blanked, join_personal, personal_paths, split_personal
from branchkit.codec.structure import structure
from branchkit.codec.text import canonical_json, digest, dump_json, dump_toml, parse_json, parse_toml
from branchkit.codec.unstructure import unstructure

__all__ = [
    "Document",
    "blanked",
    "canonical_json",
    "child",
    "digest",
    "dump_json",
    "dump_toml",
    "duration_text",
    "join_personal",
    "json_schema",
    "make_converter",
    "misfits",
    "parse_duration",
    "parse_json",
    "parse_toml",
    "personal_paths",
    "rebase",
    "split_personal",
    "structure",
    "unstructure",
]
