"""Calendar months as values."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from bizlab.errors import SettingError


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; months order and subtract like numbers.

    >>> month = Month.parse("2026-10")
    >>> month.first.isoformat(), month.last.isoformat(), str(month.shift(-10))
    ('2026-10-01', '2026-10-31', '2025-12')
    >>> [str(m) for m in Month(2026, 2).year_to_date]
    ['2026-01', '2026-02']
    """

    year: int
    month: int

    @classmethod
    def parse(cls, text: str, *, place: str = "parameter 'month'") -> Month:
        """Read ``YYYY-MM``.

        Raises
        ------
        SettingError : the text is not a month.
        """
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1900:
            raise SettingError(f"'{text}' is not a month", place=place, fix="write it as YYYY-MM, such as 2026-10")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def shift(self, months: int) -> Month:
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    @property
    def previous(self) -> Month:
        return self.shift(-1)

    @property
    def year_to_date(self) -> list[Month]:
        return Month(self.year, 1).to(self)

    def to(self, last: Month) -> list[Month]:
        """The months from this one to the last, both included; none where the last comes before it."""
        n_months = (last.year - self.year) * 12 + last.month - self.month + 1
        return [self.shift(n) for n in range(n_months)]

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
