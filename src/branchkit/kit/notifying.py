"""Messages that wait in the outbox, handed to a notifier; and core's own notifiers: a log and a web hook."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from branchkit.errors import ConfigError, PluginFailed
from branchkit.plugins import Message, NotifierRecord, NotifyContext
from branchkit.values import FrozenMap, Text

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["LOG", "WEBHOOK", "Delivered", "deliver", "waiting"]

_PAGE = 1000
_TIMEOUT = 10.0
_log = logging.getLogger("branchkit.notify")


@attrs.frozen(kw_only=True)
class Delivered:
    """What came of handing messages on."""

    delivered: int
    waiting: int
    """How many could not be handed on, and wait for the next time."""
    failures: tuple[PluginFailed, ...] = ()
    """Why, once for each person they were for."""


def waiting(kit: Kit) -> Iterator[Message]:
    """Yield the messages that wait, in the order they were put."""
    after = 0
    while True:
        with kit.store.transaction(write=False) as tx:
            rows = tx.outbox(after=after, limit=_PAGE)
        for row in rows:
            body: dict[str, Any] = dict(row.body)
            yield Message(key=row.key, to=str(body.pop("to", "")), body=FrozenMap(body))
        if len(rows) < _PAGE:
            return
        after = rows[-1].seq


def deliver(kit: Kit, key: str) -> Delivered:
    """Hand every waiting message to a notifier, those that belong together at once, and forget what it took.

    A message may be handed on twice where something stops between the two; its key tells.
    """
    record = kit.rules.plugins.notifier(key)
    origin = kit.rules.plugins.origin(record)
    settings = kit.rules.config.settings.get(origin.plugin, FrozenMap())
    groups: dict[tuple[str, object], list[Message]] = {}
    for message in waiting(kit):
        groups.setdefault((message.to, message.body.get("group") or message.key), []).append(message)
    done, failures, left = 0, list[PluginFailed](), 0
    for (to, _), messages in groups.items():
        try:
            record.deliver(NotifyContext(to=to, messages=tuple(messages), settings=FrozenMap(settings)))
        except Exception as error:  # noqa: BLE001 - it is reported, and what it was for waits
            left += len(messages)
            failures.append(PluginFailed(origin.plugin, f"the notifier {key!r} raised {type(error).__name__}"))
            continue
        with kit.store.transaction() as tx:
            done += sum(tx.outbox_done(message.key) for message in messages)
    return Delivered(delivered=done, waiting=left, failures=tuple(failures))


def _write_log(context: NotifyContext) -> None:
    for message in context.messages:
        words = message.body.get("message") or {}
        _log.warning("%s → %s: %s / %s", message.key, context.to, words.get("zh", ""), words.get("en", ""))


def _post(context: NotifyContext) -> None:
    """Post the messages as one JSON object; anything but an answer from 200 to 299 is a failure."""
    import urllib.request

    url = context.settings.get("webhook")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise ConfigError("plugin branchkit, setting webhook", "Expected an http or https address")
    body = {
        "to": context.to,
        "messages": [{"key": message.key, **message.body} for message in context.messages],
    }
    headers = {"Content-Type": "application/json", "Idempotency-Key": context.messages[0].key}
    data = json.dumps(body, ensure_ascii=False).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        answer.read()


LOG = NotifierRecord("log", version="1", title=Text(zh="写入日志", en="Write to the log"), deliver=_write_log)
WEBHOOK = NotifierRecord("webhook", version="1", title=Text(zh="推送到网址", en="Post to an address"), deliver=_post)
