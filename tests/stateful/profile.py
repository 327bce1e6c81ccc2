"""How long Hypothesis looks: short and the same each time in CI, longer when asked."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings


def looking(examples: int, steps: int) -> settings:
    """`COCKPIT_STATEFUL=20` looks twenty times as long, for a hunt in the background.

    A first finding is shrunk to the shortest way there, which takes minutes;
    `COCKPIT_STATEFUL_RAW=1` shows it as it was found.
    """
    raw = "COCKPIT_STATEFUL_RAW" in os.environ
    return settings(
        phases=[phase for phase in Phase if not (raw and phase is Phase.shrink)],
        max_examples=examples * int(os.environ.get("COCKPIT_STATEFUL", "1")),
        stateful_step_count=steps,
        deadline=None,
        derandomize="CI" in os.environ,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
