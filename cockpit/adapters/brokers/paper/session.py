"""When DAY orders end: the next time New York's clock shows the session's end."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from cockpit.domain.values import NEW_YORK, to_ns, utc


def next_session_end(now_ns: int, end: time) -> int:
    """The first `end` o'clock in New York after `now_ns`, as nanoseconds UTC.

    Early closes are not known here; whoever knows them calls `end_session` at the close.
    """
    local = utc(now_ns).astimezone(NEW_YORK)
    today = datetime.combine(local.date(), end, NEW_YORK)
    if to_ns(today) > now_ns:
        return to_ns(today)
    return to_ns(datetime.combine(local.date() + timedelta(days=1), end, NEW_YORK))
