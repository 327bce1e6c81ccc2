"""The calling side: one request to the cockpit that runs on a data folder, and its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from cockpit.app.control.messages import Answer, Command, Final, Progress
from cockpit.kernel.ipc import connect

_ANSWER = cast("type[Answer]", Answer)  # a union is no class; msgspec takes it all the same
ANSWER_S = 3.0
"""How long a running cockpit may be silent; under way it says a word a second."""


async def call(
    data_dir: Path,
    request: Command,
    tell: Callable[[str], None],
    *,
    patience_s: float = ANSWER_S,
) -> Final:
    """Ask and wait for the end; `tell` is given each line of progress.

    Raises NobodyThereError when nothing listens there, ChannelError when what listens
    does not answer in time.
    """
    async with connect(data_dir, patience_s) as channel:
        await channel.send(request, patience_s)
        while True:
            answer = await channel.take(_ANSWER, patience_s)
            if not isinstance(answer, Progress):
                return answer
            tell(answer.text)
