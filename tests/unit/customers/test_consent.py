"""What a customer agreed to, and from when on it does not hold any more."""

from __future__ import annotations

import datetime as dt

from branchkit.customers import Consent, in_force, withdrawn

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
GIVEN = Consent("marketing", given_at=NINE, expires_at=NINE + 2 * HOUR, by="S-9")


def test_a_consent_holds_from_when_it_was_given_to_when_it_runs_out() -> None:
    """It holds at the moment it was given, and not at the one at which it runs out."""
    moments = [NINE - HOUR, NINE, NINE + HOUR, NINE + 2 * HOUR]

    assert [False, True, True, False] == [GIVEN.is_in_force(at) for at in moments]


def test_a_consent_without_an_end_holds_until_it_is_withdrawn() -> None:
    """What has no end holds for years; once it is known to be withdrawn it holds at no moment, however long ago."""
    endless = Consent("marketing", given_at=NINE, by="S-9")
    (gone,) = withdrawn((endless,), "marketing", NINE + HOUR)

    assert endless.is_in_force(NINE.replace(year=2050))
    assert not gone.is_in_force(NINE)


def test_the_latest_of_several_counts() -> None:
    """Of several that hold, the latest given one is returned; of another purpose, none."""
    later = Consent("marketing", given_at=NINE + HOUR, by="S-8")

    assert later == in_force((GIVEN, later), "marketing", NINE + HOUR)
    assert GIVEN == in_force((GIVEN, later), "marketing", NINE)
    assert in_force((GIVEN, later), "recognition", NINE) is None


def test_withdrawing_leaves_other_purposes_and_earlier_withdrawals() -> None:
    """Only what stands open of that purpose is withdrawn, and not before it was given."""
    other = Consent("recognition", given_at=NINE, by="S-9")
    once = withdrawn((GIVEN, other), "marketing", NINE - HOUR)
    twice = withdrawn(once, "marketing", NINE + HOUR)

    assert (NINE, None) == (once[0].withdrawn_at, once[1].withdrawn_at)
    assert once == twice
