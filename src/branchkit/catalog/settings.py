"""Where the sources say two things, or nothing: which way the catalog takes, and which others a bank may take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs

from branchkit.codec import Document
from branchkit.errors import Problem
from branchkit.values import Ref, Text

__all__ = ["Setting", "SettingList", "Way"]

_SWITCH = frozenset({"true", "false"})


@attrs.frozen
class Way:
    """One way to take what the sources leave open."""

    text: Text
    code: str | None = None
    """What the fact of the setting is then; ``None`` where it is no code, or none at all."""


@attrs.frozen
class Setting:
    """Something that the sources contradict one another about, or leave open, and how it is decided (设置).

    >>> setting = Setting("lobby-post", title=Text(zh="大堂岗位", en="Lobby post"), question=Text(zh="问", en="Which?"),
    ...                   default=Way(Text(zh="专岗", en="dedicated"), "dedicated"), fact="lobby.mode",
    ...                   others=(Way(Text(zh="轮值", en="takes turns"), "rotating"),),
    ...                   how=Text(zh="设", en="Set it."), documents=(Ref("table", "lobby-post"),))
    >>> setting.default.code, [way.code for way in setting.others]
    ('dedicated', ['rotating'])
    """

    id: str
    title: Text = attrs.field(kw_only=True)
    question: Text = attrs.field(kw_only=True)
    """What the sources say in two ways, or do not say."""
    default: Way = attrs.field(kw_only=True)
    """What holds where a bank says nothing."""
    others: tuple[Way, ...] = attrs.field(kw_only=True)
    """What a bank may take instead."""
    how: Text = attrs.field(kw_only=True)
    """What a bank does to take another way."""
    fact: str | None = attrs.field(default=None, kw_only=True)
    """The fact that says which way is taken, or the setting that an entry of a register names so."""
    documents: tuple[Ref, ...] = attrs.field(kw_only=True)
    """The documents that decide by it, each by its kind and id, as in ``table:lobby-post``."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all its ways."""
        return frozenset(way.code for way in (self.default, *self.others) if way.code is not None)

    def misfits(self, documents: Mapping[Ref, Document], path: str) -> Iterator[Problem]:
        """Yield documents that are not there, and a fact that none of them looks at or that has other codes."""
        asked = False
        for at, ref in enumerate(self.documents):
            document = documents.get(ref)
            if document is None:
                yield Problem(f"{path}.documents[{at}]", f"Unknown document {str(ref)!r}")
                continue
            offered = _offered(document, self.fact)
            asked = asked or offered is not None
            if offered and offered != self.codes:
                listed = ", ".join(sorted(offered))
                yield Problem(f"{path}.fact", f"Expected the codes that {str(ref)!r} knows: {listed}")
        if self.fact is not None and not asked:
            yield Problem(f"{path}.fact", f"Has no effect: none of the documents looks at {self.fact!r}")


@attrs.frozen(kw_only=True)
class SettingList(Document):
    """The settings that a root states: its file ``settings.toml``."""

    SCHEMA: ClassVar[str] = "settings/1"

    settings: tuple[Setting, ...]

    def validate(self) -> Iterator[Problem]:
        """Yield settings and documents that stand there twice, a choice of one, and codes that nothing is said by."""
        seen: set[str] = set()
        for at, one in enumerate(self.settings):
            path = f"$.settings[{at}]"
            if one.id in seen:
                yield Problem(f"{path}.id", f"Expected each setting once; {one.id!r} stands there again")
            seen.add(one.id)
            if not one.others:
                yield Problem(f"{path}.others", "Expected at least one other way: else there is nothing to set")
            for field in ("documents", "rules"):
                listed = getattr(one, field)
                if len(set(listed)) != len(listed) or (field == "documents" and not listed):
                    yield Problem(f"{path}.{field}", "Expected at least one document, and each entry once")
            if one.fact is None and one.codes:
                yield Problem(f"{path}.fact", "Expected the name of the fact that the codes are of")
            elif one.fact is not None and not one.codes:
                yield Problem(f"{path}.fact", "Has no effect: no way has a code")


def _offered(document: Document, fact: str | None) -> frozenset[str] | None:
    """Return the codes a document knows for a fact, none where any will do; ``None`` where it does not look at it."""
    for spec in getattr(document, "facts", ()):
        if spec.name == fact:
            return _SWITCH if spec.type.value == "bool" else frozenset(spec.choices)
    named = {spec.name for spec in getattr(document, "record_facts", ())}
    named |= {code for field in getattr(document, "fields", ()) for code in field.choices}
    return frozenset() if fact in named else None
