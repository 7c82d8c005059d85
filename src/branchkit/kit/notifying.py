"""Messages that wait in the outbox, handed to a notifier; and core's own notifiers: a log and a web hook."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from branchkit.errors import ConfigError, PluginFailed
from branchkit.plugins import Message, NotifierRecord, NotifyContext
from branchkit.values import FrozenMap, Text

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["LOG", "WEBHOOK", "Delivered", "deliver", "idempotency_key", "waiting"]

_PAGE = 1000
_TIMEOUT = 10
"""How many seconds a web hook has for its answer, where the setting ``webhook_timeout`` says nothing else."""
_LONGEST = 600
_PLAIN = "!#$&'()*+,/:;=?@[]|~ "
"""What stays as it is in a header, beside letters, digits and ``_.-``."""
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
            # What a stranger's error says may be somebody's words, so only its kind is told.
            told = error.what if isinstance(error, PluginFailed) else f"it raised {type(error).__name__}"
            told = str(error) if isinstance(error, ConfigError) else told
            failures.append(PluginFailed(origin.plugin, f"the notifier {key!r}: {told}"))
            continue
        with kit.store.transaction() as tx:
            done += sum(tx.outbox_done(message.key) for message in messages)
    return Delivered(delivered=done, waiting=left, failures=tuple(failures))


def _write_log(context: NotifyContext) -> None:
    for message in context.messages:
        words = message.body.get("message") or {}
        _log.warning("%s → %s: %s / %s", message.key, context.to, words.get("zh", ""), words.get("en", ""))


def _post(context: NotifyContext) -> None:
    """Post the messages as one JSON object; anything but an answer from 200 to 299 is a failure, a redirect too.

    A redirected POST would be sent on as a GET, without the messages.
    """
    import http.client
    import urllib.error
    import urllib.request

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            return None

    url, timeout = _address(context.settings), _timeout(context.settings)
    body = {
        "to": context.to,
        "messages": [{"key": message.key, **message.body} for message in context.messages],
    }
    headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key(context.messages)}
    data = json.dumps(body, ensure_ascii=False).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method="POST")
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=timeout) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        with error:
            raise PluginFailed("branchkit", f"the web hook answered with status {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        # An address may hold a password, so the error's own words stay out of it.
        reason = getattr(error, "reason", error)
        kind = "a timeout" if isinstance(reason, TimeoutError) else type(reason).__name__
        raise PluginFailed("branchkit", f"the web hook did not answer: {kind}") from error


def idempotency_key(messages: Sequence[Message]) -> str:
    """Return the same text for every try of the same messages together: the key of one, a digest of several.

    A header holds ASCII alone, so what is none is escaped as in an address.

    >>> idempotency_key((Message(key="C-1/reply/1/late/0/S-9", to="S-9"),))
    'C-1/reply/1/late/0/S-9'
    >>> idempotency_key((Message(key="C-1", to="S-9"), Message(key="C-2", to="S-9")))[:12]
    '7c3ad822526f'
    """
    from urllib.parse import quote

    if len(messages) == 1:
        return quote(messages[0].key, safe=_PLAIN)
    keys = json.dumps([message.key for message in messages], ensure_ascii=False)
    return hashlib.sha256(keys.encode()).hexdigest()


def _address(settings: Mapping[str, object]) -> str:
    url = settings.get("webhook")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise ConfigError("plugin branchkit, setting webhook", "Expected an http or https address")
    return url


def _timeout(settings: Mapping[str, object]) -> float:
    seconds = settings.get("webhook_timeout", _TIMEOUT)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | Decimal) or not 0 < seconds <= _LONGEST:
        raise ConfigError("plugin branchkit, setting webhook_timeout", f"Expected seconds above 0, at most {_LONGEST}")
    return float(seconds)


LOG = NotifierRecord("log", version="1", title=Text(zh="写入日志", en="Write to the log"), deliver=_write_log)
WEBHOOK = NotifierRecord("webhook", version="1", title=Text(zh="推送到网址", en="Post to an address"), deliver=_post)
