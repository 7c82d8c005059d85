"""Classes that stand at the root of a file."""

from __future__ import annotations

from typing import ClassVar, Self

from branchkit.codec.structure import structure
from branchkit.codec.text import digest, digest_of, dump_json, dump_toml, parse_json, parse_toml
from branchkit.codec.unstructure import unstructure
from branchkit.codec.writing import written
from branchkit.errors import DecodeError
from branchkit.personal import bare

__all__ = ["Document"]


class Document:
    r"""Mix this into an attrs class that stands at the root of a JSON or TOML file.

    The file's first key is ``schema``: what kind of document it is and in which version, so that a file of
    another kind, or from a newer branchkit, is refused with a clear message.

    >>> import attrs
    >>> @attrs.frozen(kw_only=True)
    ... class Note(Document):
    ...     SCHEMA: ClassVar[str] = "note/1"
    ...     id: str
    ...     lines: tuple[str, ...] = ()
    >>> Note(id="N-1").to_json()
    b'{"schema":"branchkit.note/1","id":"N-1"}'
    >>> Note.from_toml('schema = "branchkit.note/1"\nid = "N-1"\nlines = ["a"]')
    Note(id='N-1', lines=('a',))
    """

    __slots__ = ()

    SCHEMA: ClassVar[str]
    """The kind of document and its version, as in ``checklist/1``; one with a point, as in ``acme.fault/1``, is
    written as it is, any other below ``branchkit.``."""

    @classmethod
    def from_json(cls, data: bytes | str, *, source: str = "<json>") -> Self:
        """Read the document from JSON.

        Raises:
            DecodeError: It is no JSON, or not this document; lists every problem with its path.
        """
        try:
            return structure(cls, parse_json(data, source=source), source=source)
        except DecodeError as error:
            problem = bare(error)
        del data  # a traceback may be printed with the variables of its frames, and a document may be about anybody
        raise problem

    @classmethod
    def from_toml(cls, data: bytes | str, *, source: str = "<toml>") -> Self:
        """Read the document from TOML.

        Raises:
            DecodeError: It is no TOML, or not this document; lists every problem with its path.
        """
        try:
            return structure(cls, parse_toml(data, source=source), source=source)
        except DecodeError as error:
            problem = bare(error)
        del data
        raise problem

    def to_json(self, *, indent: int | None = None) -> bytes:
        """Write the document as JSON in UTF-8, on one line or indented."""
        quick = written(self) if indent is None else None
        return dump_json(unstructure(self), indent=indent) if quick is None else quick

    def to_toml(self) -> str:
        """Write the document as TOML.

        Raises:
            InputError: The document holds a null where TOML would need one; says where.
        """
        return dump_toml(unstructure(self))

    def digest(self) -> str:
        """Return the document's digest, ``sha256:<hex>``, over its canonical JSON."""
        quick = written(self, sort=True)
        return digest(unstructure(self)) if quick is None else digest_of(quick)
