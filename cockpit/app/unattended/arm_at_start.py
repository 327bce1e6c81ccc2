"""Arms a session without a window, on the word that a person gave with its start."""

from __future__ import annotations

import asyncio

from cockpit.app.arming import ALERT, Arming, NotArmedError
from cockpit.app.core import Core
from cockpit.domain.alert import Severity
from cockpit.domain.errors import CockpitError

PATIENCE_S = 60.0
EVERY_S = 0.2


async def arm_when_green(core: Core, arming: Arming) -> None:
    """Try until every required check is green; give up after a minute, and say so.

    Also when a person has disarmed meanwhile or trading was held back: the word given with the
    start counts no more then.
    """
    why = ""
    for _ in range(round(PATIENCE_S / EVERY_S)):
        if arming.withdrawn:
            why = (
                f"{arming.withdrawn.rstrip('.')}, before it was armed. Arm it when you have looked."
            )
            break
        try:
            await core.commands.arm("Armed with the start")
        except NotArmedError as error:
            why = error.user_text
        except CockpitError as error:
            why = error.user_text
            break
        else:
            return
        await asyncio.sleep(EVERY_S)
    core.alerts.raise_(ALERT, Severity.WARNING, "It could not be armed", why, "arming")
