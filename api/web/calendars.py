"""A deadline as a calendar's entry (RFC 5545), for the reader's own calendar: the last open day, with a reminder the day before."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Response
from icalendar import Alarm, Event
from icalendar import Calendar as Entries

from jalon.domain.calendar.calendars import Calendar

MINUTE = 60
"""In seconds. Counted since 1970, minutes fit into the numbers of a calendar, and seconds do so until 2038 only."""
_TICK = timedelta(microseconds=1)
AT_NINE_THE_DAY_BEFORE = timedelta(hours=-15)
"""From the midnight with which the last day begins."""


def deadline_file(uid: str, title: str, closes_at: datetime, zone: str, now: datetime) -> Response:
    """The file of a deadline, whose first CLOSED instant is `closes_at` (G1).

    A calendar replaces an entry by a later one of the same `uid`, so a deadline keeps its id when it moves (G7). Which of two is the later
    one is told by their sequence numbers, the minute of the store's clock at which each was made.
    """
    last_day = Calendar(zone).local_date(closes_at - _TICK)
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("sequence", int(now.timestamp()) // MINUTE)
    event.add("dtstart", last_day)
    event.add("dtend", last_day + timedelta(days=1))
    event.add("summary", title)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", AT_NINE_THE_DAY_BEFORE)
    event.add_component(alarm)
    calendar = Entries()
    calendar.add("prodid", "-//Jalon//Jalon//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    headers = {"Content-Disposition": 'attachment; filename="deadline.ics"'}
    return Response(calendar.to_ical(), media_type="text/calendar; charset=utf-8", headers=headers)
