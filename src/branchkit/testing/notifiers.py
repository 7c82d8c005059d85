"""The laws of a notifier: inherit `NotifierLaws`, say which record and what has arrived, and run pytest.

::

    class TestOurMessenger(NotifierLaws):
        def make_record(self):
            return our_plugin.branchkit_notifiers(HookContext())[0]

        def arrived(self):
            return our_server.messages_since_last_asked()
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import attrs
import pytest

from branchkit.plugins import Message, NotifierRecord, NotifyContext
from branchkit.testing.laws import Laws
from branchkit.values import FrozenMap

__all__ = ["Arrived", "NotifierLaws"]

_WORDS = {"zh": "答复超时", "en": "The reply is late"}


@attrs.frozen
class Arrived:
    """One message as the other side has it."""

    to: str
    key: str
    zh: str
    en: str


class NotifierLaws(Laws):
    """What every notifier must do, with one message and with several, whoever they are for."""

    def make_record(self) -> NotifierRecord:
        """Return the notifier."""
        raise NotImplementedError

    def make_settings(self) -> Mapping[str, object]:
        """Return the settings of the plug-in that brings it; none where left out."""
        return {}

    def arrived(self) -> tuple[Arrived, ...]:
        """Return what has arrived on the other side since this was last asked, in order."""
        raise NotImplementedError

    def out_of_reach(self) -> AbstractContextManager[object]:
        """Return what keeps the other side from taking anything, within the block."""
        self.nothing("`out_of_reach` does not say how to keep the other side from taking anything")

    def test_what_is_handed_on_arrives(self) -> None:
        """One message arrives with its key, for whom it is, in both languages."""
        self._hand_on("S-1", "C-1/reply/1/late/0/S-1")

    def test_what_belongs_together_arrives_whole(self) -> None:
        """Messages that are told together all arrive, each with its key, in the order they were put."""
        self._hand_on("S-1", *(f"C-{number}/reply/1/late/0/S-1" for number in range(1, 6)))

    def test_names_of_every_script_arrive(self) -> None:
        """Ids come from other systems: Chinese ones, spaces, quotes and two hundred characters arrive as they are."""
        self._hand_on("员工-王", "事项 17/答复/1/超时/0/员工-王", "a'b\"c&d=e?f#g", "C" * 200)

    def test_a_second_try_can_be_told(self) -> None:
        """Handed on twice, a message comes with the key of the first time, or not at all: whoever has it can tell."""
        first = self._hand_on("S-1", "C-1", "C-2")
        self.make_record().deliver(self._context("S-1", "C-1", "C-2"))

        assert set(self.arrived()) <= set(first), "the second time something arrived that can be taken for news"

    def test_what_cannot_be_handed_on_is_told(self) -> None:
        """Where the other side takes nothing it raises, so that the messages wait; afterwards they arrive."""
        with self.out_of_reach():
            with pytest.raises(Exception) as told:  # noqa: PT011 - a notifier raises what it will
                self.make_record().deliver(self._context("S-1", "C-1"))
            assert isinstance(told.value, Exception)
        self.arrived()
        self._hand_on("S-1", "C-1")

    def _hand_on(self, to: str, *keys: str) -> tuple[Arrived, ...]:
        context = self._context(to, *keys)
        self.make_record().deliver(context)
        expected = tuple(Arrived(to, key, _WORDS["zh"], _WORDS["en"]) for key in keys)
        found = self.arrived()
        assert found == expected, f"{expected} was handed on, and {found} arrived"
        return found

    def _context(self, to: str, *keys: str) -> NotifyContext:
        body = FrozenMap({"kind": "rung", "message": _WORDS, "case": "C-1", "branch": "网点-17"})
        messages = tuple(Message(key=key, to=to, body=body) for key in keys)
        return NotifyContext(to=to, messages=messages, settings=FrozenMap(self.make_settings()))
