"""The laws of a calendar that a plug-in brings: inherit `CalendarLaws`, say which record, and run pytest."""

from __future__ import annotations

from branchkit.plugins import CalendarRecord
from branchkit.temporal import Calendar
from branchkit.testing.laws import Laws
from branchkit.testing.watching import clock_and_chance

__all__ = ["CalendarLaws"]


class CalendarLaws(Laws):
    """What every calendar on offer must do; what a `Calendar` answers is core's own business."""

    def make_record(self) -> CalendarRecord:
        """Return the calendar's record."""
        raise NotImplementedError

    def test_it_loads_the_same_each_time(self) -> None:
        """Loading gives a Calendar, and the same one again."""
        first, second = self.make_record().load(), self.make_record().load()

        assert isinstance(first, Calendar), f"it loads a {type(first).__name__}, not a Calendar"
        assert first == second, "loaded again, it is another calendar"

    def test_it_is_a_document_without_faults(self) -> None:
        """The calendar contradicts itself nowhere, and comes back from JSON as it was."""
        calendar = self.make_record().load()
        problems = [str(problem) for problem in calendar.validate()]

        assert problems == [], "; ".join(problems)
        assert calendar == Calendar.from_json(calendar.to_json()), "it changes by way of JSON"

    def test_nothing_comes_from_clock_or_chance(self) -> None:
        """No clock and no source of chance is asked: which days are working days does not depend on when one asks."""
        self.make_record().load()

        with clock_and_chance() as asked:
            self.make_record().load()
        assert asked == [], f"it asked {', '.join(sorted(set(asked)))}"
