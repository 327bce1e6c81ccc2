"""One source of checks: how often it is asked, for how long, and what its silence means."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec
import structlog

from cockpit.domain.errors import CockpitError
from cockpit.kernel.aside import aside
from cockpit.kernel.errors import KernelError
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState

_log = structlog.get_logger(__name__)

Ask = Callable[[], Awaitable[Sequence[Check]]]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Asks one part. `group` is under which heading its checks stand.

    Its checks are asked for every `every_s`, for at most `within_s`. When it hangs or raises,
    the finding has its `name` and is `required` as the probe says. An `eager` one is asked
    before the session can be armed, however new its last finding is. Without `alerts` somebody
    else raises the alarm about what it finds.
    """

    group: str
    name: str
    ask: Ask
    every_s: float = 60.0
    within_s: float = 5.0
    required: bool = True
    eager: bool = False
    alerts: bool = True

    @property
    def good_for_s(self) -> float:
        """How long a finding of it counts."""
        return 3 * self.every_s + self.within_s


async def asked(probe: Probe, clock: Clock) -> tuple[Check, ...]:
    """What the probe found, or that it could not be found out; raises nothing."""
    try:
        async with asyncio.timeout(probe.within_s):
            checks = await probe.ask()
    except TimeoutError:
        checks = (_no_answer(probe, f"no answer within {probe.within_s:g} s"),)
    except (CockpitError, KernelError) as error:
        checks = (_not_found_out(probe, error.user_text),)
    except Exception as error:  # noqa: BLE001 -- a check that breaks is a finding, not a crash
        _log.exception("check_failed", group=probe.group, check=probe.name)
        checks = (_no_answer(probe, f"the check itself failed ({error!r}); the log says more"),)
    now = clock.now_ns()
    return tuple(
        check if check.checked_at else msgspec.structs.replace(check, checked_at=now)
        for check in checks
    )


def beside(name: str, make: Callable[[], Check | Sequence[Check]]) -> Ask:
    """A blocking check, made beside the loop."""

    async def ask() -> Sequence[Check]:
        made = await aside(make, name=f"check-{name}")
        return (made,) if isinstance(made, Check) else made

    return ask


def at_once(make: Callable[[], Check | Sequence[Check]]) -> Ask:
    """A check that only reads what is in memory."""

    async def ask() -> Sequence[Check]:
        made = make()
        return (made,) if isinstance(made, Check) else made

    return ask


def _not_found_out(probe: Probe, text: str) -> Check:
    return Check(name=probe.name, state=CheckState.FAILED, found=text, required=probe.required)


def _no_answer(probe: Probe, why: str) -> Check:
    return Check(
        name=probe.name,
        state=CheckState.UNKNOWN,
        found=f"It could not be found out: {why}.",
        next_step="It is asked again by itself; look into the log if it stays so.",
        required=probe.required,
    )
