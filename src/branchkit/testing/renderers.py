"""The laws of a renderer: inherit `RendererLaws`, say which record, and run pytest.

::

    class TestOurPage(RendererLaws):
        def make_record(self):
            return our_plugin.branchkit_renderers(HookContext())[0]
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from branchkit.kit import BranchReport
from branchkit.plugins import RenderContext, RendererRecord
from branchkit.testing.laws import Laws
from branchkit.testing.reports import SECRETS, bare_report, full_report
from branchkit.testing.watching import clock_and_chance

__all__ = ["RendererLaws"]

_MEDIA_TYPE = re.compile(r"(application|audio|font|image|text|video)/[A-Za-z0-9][\w.+-]*(; *charset=[A-Za-z0-9-]+)?")
_MARKUP = re.compile(r"text/html|image/svg\+xml|application/(xhtml\+)?xml|text/xml|.*\+xml")
_HOSTILE = "\"'><script>steal()</script><img src=x onerror=steal()>&{{ 7 * 7 }}"
_BROKEN_OUT = (b"<script>steal()", b"<img src=x", b"onerror=steal()>")


class RendererLaws(Laws):
    """What every renderer must do, with reports that have much in them, and little, and what should not be there."""

    def make_record(self) -> RendererRecord:
        """Return the renderer."""
        raise NotImplementedError

    def make_reports(self) -> tuple[BranchReport, ...]:
        """Return the reports that are tried: by default one that has everything, and one that has next to nothing."""
        return (full_report(), bare_report())

    def test_every_report_is_rendered_in_both_languages(self) -> None:
        """A report with something of everything and one with next to nothing come out in Chinese and in English."""
        for data in self._all():
            assert isinstance(data, bytes), f"it gave {type(data).__name__}, not bytes"
            assert data, "nothing came out"

    def test_the_same_report_gives_the_same_bytes(self) -> None:
        """Rendered twice, a report is the same byte by byte."""
        assert list(self._all()) == list(self._all()), "the second time other bytes came out"

    def test_nothing_comes_from_clock_or_chance(self) -> None:
        """No clock and no source of chance is asked: a report drawn again next year shows what it showed."""
        list(self._all())  # What is imported late may ask them once, and is no part of rendering.

        with clock_and_chance() as asked:
            list(self._all())
        assert asked == [], f"it asked {', '.join(sorted(set(asked)))}"

    def test_the_media_type_is_one(self) -> None:
        """The media type is written as one, and text is in the encoding that it names, UTF-8 where it names none."""
        media_type = self.make_record().media_type

        assert _MEDIA_TYPE.fullmatch(media_type), f"{media_type!r} is none, such as text/html"
        if media_type.startswith("text/") or _MARKUP.match(media_type):
            encoding = media_type.partition("charset=")[2] or "utf-8"
            for data in self._all():
                assert _decodes(data, encoding), f"the bytes are not {encoding}"

    def test_markup_in_words_stays_words(self) -> None:
        """Markup in a name, an id or a message from outside is shown as text and never carried out; of HTML and XML."""
        media_type = self.make_record().media_type
        if not _MARKUP.match(media_type):
            self.nothing(f"{media_type} has no markup to break out of")
        for lang in ("zh", "en"):
            data = self._render(full_report(_HOSTILE), lang)
            out = [one for one in _BROKEN_OUT if one in data]
            assert out == [], f"this came out as markup: {out[0].decode()}"

    def test_personal_values_are_not_shown(self) -> None:
        """Names of people and text that somebody typed do not come out, even where the report still holds them."""
        for data in self._all():
            shown = [kind for kind, secret in SECRETS.items() if secret.encode() in data]
            assert shown == [], f"it shows personal values: {', '.join(shown)}"

    def _all(self) -> Iterator[bytes]:
        for report in self.make_reports():
            for lang in ("zh", "en"):
                yield self._render(report, lang)

    def _render(self, report: BranchReport, lang: str) -> bytes:
        return self.make_record().render(RenderContext(report=report, lang=lang))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        codecs.decode(data, encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
