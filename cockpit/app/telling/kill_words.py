"""What the kill switch has done, in words and by how much it matters."""

from __future__ import annotations

from cockpit.domain.alert import Severity
from cockpit.trading.kill_switch import KillReport


def kill_words(report: KillReport) -> tuple[Severity, str]:
    """What the broker confirmed, what is still at risk, and where the record of it stands."""
    severity, words = _confirmed(report)
    why = [f"{problem.rstrip('.')}." for problem in report.problems]
    if report.aside:
        aside = (
            f"The ledger could not be written: the closing orders are recorded in {report.aside} "
            "and join the ledger by themselves once that can be."
        )
        why = [aside, *why]
    return (max(severity, Severity.WARNING), " ".join([words, *why])) if why else (severity, words)


def _confirmed(report: KillReport) -> tuple[Severity, str]:
    if not report.confirmed:
        count = len(report.still_open)
        return Severity.CRITICAL, f"{count} orders are still open at the broker. Cancel them there."
    if report.positions_left:
        held = ", ".join(report.positions_left)
        return Severity.WARNING, (
            f"The broker confirms: no order is open, so nothing protects what is held: {held}."
            + ("" if report.problems else " Flatten it, or protect it again.")
        )
    return Severity.NOTICE, "The broker confirms: no order is open, no position is held."
