"""The schedules of CronJobs, as the library reads them that Kubernetes uses.

Source: `ParseStandard` in https://github.com/robfig/cron/blob/v3.0.1/parser.go
"""

from __future__ import annotations

import re

from chartgate.documents.shapes import whole_number

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 6))
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_DAYS = {name: number for number, name in enumerate("sun mon tue wed thu fri sat".split())}  # noqa: SIM905
_NAMES = {"month": _MONTHS, "day of the week": _DAYS}
_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
# What Go's time.ParseDuration takes.
_DURATION = re.compile(r"@every [-+]?((?:[0-9]++(?:\.[0-9]++)?+|\.[0-9]++)(ns|us|µs|ms|s|m|h))++")
_RUNS = {"@yearly": 1, "@annually": 1, "@monthly": 12, "@weekly": 52, "@daily": 365, "@midnight": 365, "@hourly": 8760}
_RANGE = re.compile(r"(?P<low>[*?]|[a-z0-9]+)(-(?P<high>[a-z0-9]+))?(/(?P<step>[0-9]+))?")


def schedule_problem(schedule: str) -> str:
    """Say why a schedule is none; empty for one that is.

    A time zone in front of it is refused as well, as the API server does: `timeZone` is the field for it.
    """
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        return f"{schedule.partition('=')[0]} in it, where timeZone is a field of its own"
    if schedule.startswith("@"):
        known = schedule in _DESCRIPTORS or _DURATION.fullmatch(schedule)
        return "" if known else f"{schedule}, which is not one of {', '.join(_DESCRIPTORS)} and @every"
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return f"{len(fields)} fields of {len(_FIELDS)}"
    problems = (
        _problem(part, *field) for text, field in zip(fields, _FIELDS, strict=True) for part in text.lower().split(",")
    )
    return next(filter(None, problems), "")


def runs_in_a_year(schedule: str) -> int:
    """Give about how often a schedule runs in a year; 0 for what is none, and for `@every`."""
    if schedule in _RUNS:
        return _RUNS[schedule]
    if schedule.startswith("@") or schedule_problem(schedule):
        return 0
    texts = schedule.lower().split()
    minutes, hours, days, months, weekdays = (
        len({time for part in text.split(",") for time in _times(part, *field)})
        for text, field in zip(texts, _FIELDS, strict=True)
    )
    of_month, of_week = days * months, weekdays / 7 * 365 * months / 12
    # A schedule that names both kinds of days runs on either.
    is_either = not any(text.startswith(("*", "?")) for text in (texts[2], texts[4]))
    runs = min(365, of_month + of_week) if is_either else min(of_month, of_week)
    return max(1, round(minutes * hours * runs))


def _times(text: str, name: str, least: int, most: int) -> range:
    """Give the times of one part of a schedule that is one."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return range(0)
    is_any = found["low"] in ("*", "?")
    low = least if is_any else _number(found["low"], name) or 0
    high = most if is_any or (found["step"] and not found["high"]) else _number(found["high"], name)
    return range(low, (low if high is None else high) + 1, int(found["step"] or 1))


def _problem(text: str, name: str, least: int, most: int) -> str:
    found = _RANGE.fullmatch(text)
    if found is None:
        return f"{text!r} as {name}"
    low, high = (_number(found[end], name) for end in ("low", "high"))
    if found["low"] in ("*", "?"):
        low, high = least, None if found["high"] is None else -1
    if low is None or (found["high"] is not None and high is None):
        return f"{text!r} as {name}"
    is_step = found["step"] is None or bool(whole_number(found["step"]))
    if low < least or (high or low) > most or (high is not None and high < low) or not is_step:
        return f"{text!r} as {name}, which is from {least} to {most}"
    return ""


def _number(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    number = whole_number(text)
    return _NAMES.get(name, {}).get(text) if number is None else number
