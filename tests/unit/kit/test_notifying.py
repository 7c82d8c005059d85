"""Messages go out once, to a log and to a real HTTP server; what cannot go out waits and is reported."""

from __future__ import annotations

import hashlib
import json
import logging
import socket
from collections.abc import Callable, Generator
from decimal import Decimal
from typing import Any

import pytest

from branchkit.errors import MissingKey
from branchkit.kit import Kit, RuleBook
from branchkit.kit.notifying import Delivered
from branchkit.plugins.config import Config, PluginSettings
from branchkit.values import FrozenMap
from tests.unit.kit.guarded import FAULT, REPAIR, REPLY, book, fired, guarded_kit, open_fault, with_ladder
from tests.unit.kit.test_cases import MINUTE, MONDAY
from tests.unit.kit.webhooks import Hook, serving

LATER = MONDAY + 30 * MINUTE + MINUTE / 2
KEY = "C-1/reply/1/late/0/S-9"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Generator[Hook]:
    """Return a server on loopback, reached without any proxy of the machine."""
    monkeypatch.setenv("no_proxy", "*")
    with serving() as found:
        yield found


def _rules(**settings: object) -> RuleBook:
    found = book(with_ladder(REPLY, group_by="branch"), REPAIR, FAULT)
    config = Config(plugin=(PluginSettings(name="branchkit", settings=FrozenMap(settings)),) if settings else ())
    return RuleBook(found.catalog, found.plugins, config)


def late(*cases: str, **settings: object) -> Kit:
    """Return a kit in which the replies of some cases are late, and somebody is to be told."""
    kit = guarded_kit(rules_=_rules(**settings))
    for case in cases:
        open_fault(kit, case)
    fired(kit, LATER)
    return kit


def with_settings(kit: Kit, **settings: object) -> Kit:
    """Return the same store under another configuration."""
    return Kit(kit.store, _rules(**settings), grants=kit.grants)


def counts(done: Delivered) -> tuple[int, int]:
    """Return how many went out and how many wait."""
    return done.delivered, done.waiting


# -- the log


def test_the_log_takes_every_message_once(caplog: pytest.LogCaptureFixture) -> None:
    """A line for each message, with its key, whom it is for and both languages; then the outbox is empty."""
    kit = late("C-1")

    with caplog.at_level(logging.WARNING, "branchkit.notify"):
        done = [kit.deliver("log"), kit.deliver("log")]

    assert [f"{KEY} → S-9: 文 / words"] == [record.getMessage() for record in caplog.records]
    assert [(1, 0), (0, 0)] == list(map(counts, done))


def test_a_notifier_that_nobody_brings_is_named() -> None:
    """Nothing is handed on, and the messages wait."""
    kit = late("C-1")

    with pytest.raises(MissingKey, match=r"'wecom': .*notifier 'wecom\.robot'"):
        kit.deliver("wecom.robot")
    assert [KEY] == [message.key for message in kit.outbox()]


# -- the web hook


def test_a_message_is_posted_once_with_its_key(hook: Hook) -> None:
    """The body says whom it is for and what of; the header holds the key; a second delivery posts nothing."""
    kit = late("C-1", webhook=hook.address)

    done = [kit.deliver("webhook"), kit.deliver("webhook")]

    ((headers, body),) = hook.posts
    assert [(1, 0), (0, 0)] == list(map(counts, done))
    assert (KEY, "application/json") == (headers["Idempotency-Key"], headers["Content-Type"])
    assert ("S-9", [KEY]) == (body["to"], [message["key"] for message in body["messages"]])
    told = body["messages"][0]
    assert ({"zh": "文", "en": "words"}, "C-1", "B-1") == (told["message"], told["case"], told["branch"])


def test_several_cases_of_one_branch_go_out_together(hook: Hook) -> None:
    """Their messages stand in one post, in order; its key is of all of them, and the same however often it is tried."""
    kit = late("C-1", "C-2", "C-3", webhook=hook.address)
    hook.status = 503
    kit.deliver("webhook")
    hook.status = 200
    done = kit.deliver("webhook")

    ((headers, _),) = hook.posts
    keys = [f"C-{number}/reply/1/late/0/S-9" for number in (1, 2, 3)]
    assert ((3, 0), keys) == (counts(done), hook.keys)
    assert hashlib.sha256(json.dumps(keys).encode()).hexdigest() == headers["Idempotency-Key"]


def test_a_group_that_has_grown_has_another_key(hook: Hook) -> None:
    """What joins messages that could not go out is no repetition of them, and the other side can tell."""
    kit = late("C-1", webhook=hook.address)
    hook.status = 500
    kit.deliver("webhook")
    open_fault(kit, "C-2")
    fired(kit, LATER)
    hook.status = 200
    kit.deliver("webhook")

    ((headers, _),) = hook.posts
    assert ["C-1/reply/1/late/0/S-9", "C-2/reply/1/late/0/S-9"] == hook.keys
    assert KEY != headers["Idempotency-Key"]


def test_an_id_in_chinese_goes_out(hook: Hook) -> None:
    """A header holds ASCII alone; the key is escaped there, and stands in the body as it is."""
    kit = late("事项-17", webhook=hook.address)

    assert (1, 0) == counts(kit.deliver("webhook"))
    ((headers, _),) = hook.posts
    assert "%E4%BA%8B%E9%A1%B9-17/reply/1/late/0/S-9" == headers["Idempotency-Key"]
    assert ["事项-17/reply/1/late/0/S-9"] == hook.keys


def _answers(status: int) -> Callable[[Hook], None]:
    def change(hook: Hook) -> None:
        hook.status = status

    return change


def _redirects(hook: Hook) -> None:
    hook.status, hook.location = 302, hook.address


def _sleeps(hook: Hook) -> None:
    hook.delay = 0.5


def _cuts_off(hook: Hook) -> None:
    hook.cut_off = True


@pytest.mark.parametrize(
    ("breaks", "reason"),
    [
        (_answers(500), "the web hook answered with status 500"),
        (_answers(429), "the web hook answered with status 429"),
        (_redirects, "the web hook answered with status 302"),
        (_sleeps, "the web hook did not answer: a timeout"),
        (_cuts_off, "the web hook did not answer: RemoteDisconnected"),
    ],
    ids=["error", "too many", "redirect", "timeout", "cut off"],
)
def test_what_is_not_taken_waits_and_is_reported(hook: Hook, breaks: Callable[[Hook], None], reason: str) -> None:
    """The report says why, once for each person, and nothing of the address; the next delivery tries again."""
    kit = late("C-1", webhook=hook.address, webhook_timeout=Decimal("0.1"))
    breaks(hook)

    done = kit.deliver("webhook")

    assert ((0, 1), [("branchkit", f"the notifier 'webhook': {reason}")]) == (
        counts(done),
        [(failure.plugin, failure.what) for failure in done.failures],
    )
    assert [KEY] == [message.key for message in kit.outbox()]
    assert [] == hook.others
    hook.status, hook.delay, hook.cut_off, hook.location = 200, 0.0, False, None
    hook.posts.clear()
    assert (1, 0) == counts(with_settings(kit, webhook=hook.address).deliver("webhook"))
    assert [KEY] == hook.keys


def test_a_refused_connection_leaves_the_message_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there: that is reported, and nothing is lost."""
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    kit = late("C-1", webhook=f"http://127.0.0.1:{port}/?token=secret")

    done = kit.deliver("webhook")

    assert ["the notifier 'webhook': the web hook did not answer: ConnectionRefusedError"] == [
        failure.what for failure in done.failures
    ]
    assert "secret" not in str(done)
    assert 1 == len(list(kit.outbox()))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "Expected an http or https address - at `plugin branchkit, setting webhook`"),
        (
            {"webhook": "file:///etc/hosts"},
            "Expected an http or https address - at `plugin branchkit, setting webhook`",
        ),
        ({"webhook": "http://127.0.0.1", "webhook_timeout": 0}, "Expected seconds above 0, at most 600 - at `plugin"),
        (
            {"webhook": "http://127.0.0.1", "webhook_timeout": True},
            "Expected seconds above 0, at most 600 - at `plugin",
        ),
    ],
    ids=["none", "file", "zero", "truth"],
)
def test_a_setting_that_is_wrong_is_named(settings: dict[str, Any], reason: str) -> None:
    """Without an address to post to, or a time to wait, the messages wait and the report says what is expected."""
    done = late("C-1", **settings).deliver("webhook")

    assert (0, 1) == counts(done)
    assert reason in done.failures[0].what


def test_one_person_out_of_reach_holds_nobody_else_up(hook: Hook) -> None:
    """Each person's messages go out alone: what fails for one is no reason to wait for another."""
    kit = late("C-1", webhook=hook.address)
    fired(kit, MONDAY + 120 * MINUTE)
    people = {message.to for message in kit.outbox()}

    assert (len(list(kit.outbox())), 0) == counts(kit.deliver("webhook"))
    assert {"S-9", "U-1"} <= people == {body["to"] for _, body in hook.posts}
