"""Core's notifiers keep the laws of notifiers, and every law catches a saboteur that breaks it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pytest

from branchkit.kit.notifying import LOG, WEBHOOK
from branchkit.plugins import NotifierRecord, NotifyContext
from branchkit.testing.laws import law_names
from branchkit.testing.notifiers import Arrived, NotifierLaws
from branchkit.values import Text
from tests.unit.kit.webhooks import Hook, serving


class TestWebhook(NotifierLaws):
    """The web hook, with a server on loopback."""

    hook: Hook

    @pytest.fixture(autouse=True)
    def _serve(self, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
        monkeypatch.setenv("no_proxy", "*")
        with serving() as self.hook:
            yield

    def make_record(self) -> NotifierRecord:
        """Return it."""
        return WEBHOOK

    def make_settings(self) -> Mapping[str, object]:
        """Return its address."""
        return {"webhook": self.hook.address}

    def arrived(self) -> tuple[Arrived, ...]:
        """Return what was posted."""
        found = tuple(
            Arrived(body["to"], one["key"], one["message"]["zh"], one["message"]["en"])
            for _, body in self.hook.posts
            for one in body["messages"]
        )
        self.hook.posts.clear()
        return found

    @contextlib.contextmanager
    def out_of_reach(self) -> Generator[None]:
        """Answer that it cannot be taken."""
        self.hook.status = 503
        yield
        self.hook.status = 200


class TestLog(NotifierLaws):
    """The log, as it is read from a handler."""

    lines: list[str]

    @pytest.fixture(autouse=True)
    def _read(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.WARNING, "branchkit.notify")
        self.caplog = caplog

    def make_record(self) -> NotifierRecord:
        """Return it."""
        return LOG

    def arrived(self) -> tuple[Arrived, ...]:
        """Return what the lines say."""
        args: list[Any] = [record.args for record in self.caplog.records]
        self.caplog.clear()
        return tuple(Arrived(to, key, zh, en) for key, to, zh, en in args)


_Put = Callable[[Arrived], None]


class Post(NotifierLaws):
    """A notifier that puts messages into a list, with something wrong in how it does so."""

    def __init__(self, hands_on: Callable[[NotifyContext, _Put], None]) -> None:
        self._hands_on = hands_on
        self._box: list[Arrived] = []
        self._open = True

    def make_record(self) -> NotifierRecord:
        return NotifierRecord("post", version="1", title=Text(zh="信箱", en="Post"), deliver=self._deliver)

    def _deliver(self, context: NotifyContext) -> None:
        self._hands_on(context, self._put)

    def _put(self, arrived: Arrived) -> None:
        if not self._open:
            raise ConnectionError("the box is shut")
        self._box.append(arrived)

    def arrived(self) -> tuple[Arrived, ...]:
        found = tuple(self._box)
        self._box.clear()
        return found

    def out_of_reach(self) -> AbstractContextManager[object]:
        @contextlib.contextmanager
        def shut() -> Generator[None]:
            self._open = False
            yield
            self._open = True

        return shut()


def right(context: NotifyContext, put: _Put, number: int | None = None) -> None:
    """Put every message, or the first so many."""
    for one in context.messages[:number]:
        put(Arrived(context.to, one.key, one.body["message"]["zh"], one.body["message"]["en"]))


def _loses_all(context: NotifyContext, put: _Put) -> None:
    right(context, put, 0)


def _first_alone(context: NotifyContext, put: _Put) -> None:
    right(context, put, 1)


def _ascii(context: NotifyContext, put: _Put) -> None:
    def plain(one: Arrived) -> None:
        put(Arrived(one.to, one.key.encode("ascii", "replace").decode(), one.zh, one.en))

    right(context, plain)


def _numbers() -> Callable[[NotifyContext, _Put], None]:
    seen: set[str] = set()

    def number(context: NotifyContext, put: _Put) -> None:
        def again(one: Arrived) -> None:
            put(Arrived(one.to, f"{one.key}#2" if one.key in seen else one.key, one.zh, one.en))
            seen.add(one.key)

        right(context, again)

    return number


def _swallows(context: NotifyContext, put: _Put) -> None:
    with contextlib.suppress(ConnectionError):
        right(context, put)


BROKEN: dict[str, Callable[[NotifyContext, _Put], None]] = {
    "test_what_is_handed_on_arrives": _loses_all,
    "test_what_belongs_together_arrives_whole": _first_alone,
    "test_names_of_every_script_arrive": _ascii,
    "test_a_second_try_can_be_told": _numbers(),
    "test_what_cannot_be_handed_on_is_told": _swallows,
}


def test_every_law_has_a_saboteur() -> None:
    """No law is without something that it catches."""
    assert set(law_names(NotifierLaws)) == set(BROKEN)


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_catches_its_saboteur(law: str) -> None:
    """The law fails on a notifier that breaks it, and holds for one that does not."""
    getattr(Post(right), law)()

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(Post(BROKEN[law]), law)()
