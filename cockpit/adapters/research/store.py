"""The store of research data on SQLite: answers by key, and what each source has spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from cockpit.adapters.research.file import NAME, ResearchFile, open_file
from cockpit.adapters.storage.writer import WriterThread
from cockpit.ports.research import Kept, KeptLine, Spent

R = TypeVar("R")
BUSY_TIMEOUT_MS = 5_000
_USED_EVERY_NS = 3_600 * 1_000_000_000
"""Use is written down once an hour: reading must not become writing."""
_ROOM = 0.9
_FIND = (
    "SELECT key, source, kind, symbol, fetched_ns, body, final, used_ns FROM kept WHERE key = :key"
)
_KEEP = (
    "INSERT INTO kept VALUES (:key, :source, :kind, :symbol, :fetched_ns, :used_ns, :final, :size, "
    ":body) ON CONFLICT (key) DO UPDATE SET fetched_ns = :fetched_ns, used_ns = :used_ns, "
    "final = :final, size = :size, body = :body "
    "WHERE :fetched_ns >= fetched_ns OR fetched_ns > :used_ns"
)
_LINES = (
    "SELECT source, kind, COUNT(*), COUNT(DISTINCT symbol), SUM(size), MIN(fetched_ns), "
    "MAX(fetched_ns) FROM kept GROUP BY source, kind ORDER BY source, kind"
)
_CLEAR = (
    "DELETE FROM kept WHERE (:source = '' OR source = :source) AND (:kind = '' OR kind = :kind) "
    "AND (:symbol = '' OR symbol = :symbol)"
)


async def open_research(folder: Path, *, most_bytes: int) -> SqliteResearch:
    """Open or make the file of `folder`; answers may take `most_bytes`. Raises StoreError."""
    path = folder / NAME
    thread = WriterThread(lambda: open_file(path, BUSY_TIMEOUT_MS), name="research")
    await thread.opened()
    return SqliteResearch(thread, path, most_bytes)


class SqliteResearch:
    """Implements `ports.research.ResearchStore`; closed once by its owner."""

    def __init__(self, thread: WriterThread[ResearchFile], path: Path, most_bytes: int) -> None:
        self._thread = thread
        self._most_bytes = most_bytes
        self.path = path

    async def change(self, source: str, change: Callable[[Spent], tuple[Spent, R]]) -> R:
        """Read, change, write: one transaction."""

        def job(file: ResearchFile) -> R:
            found = file.rows("SELECT body FROM spent WHERE source = :source", {"source": source})
            before = _spent(found[0][0]) if found else Spent()
            after, beside = change(before)
            if after != before:
                body = msgspec.msgpack.encode(after)
                file.changed(
                    "INSERT INTO spent VALUES (:source, :body) "
                    "ON CONFLICT (source) DO UPDATE SET body = :body",
                    {"source": source, "body": body},
                )
            return beside

        return await self._thread.call(job)

    async def spent(self) -> Mapping[str, Spent]:
        """What each source has spent."""
        rows = await self._thread.call(lambda file: file.rows("SELECT * FROM spent", {}))
        return {source: _spent(body) for source, body in rows}

    async def find(self, keys: Sequence[str], now_ns: int) -> Mapping[str, Kept]:
        """Those that are kept."""
        return await self._thread.call(lambda file: _find(file, keys, now_ns))

    async def keep(self, answers: Sequence[Kept], now_ns: int) -> None:
        """Keep them, and make room."""

        def job(file: ResearchFile) -> None:
            for each in answers:
                file.changed(_KEEP, _values(each, now_ns))
            _make_room(file, self._most_bytes)

        await self._thread.call(job)

    async def lines(self) -> Sequence[KeptLine]:
        """What is kept."""
        rows = await self._thread.call(lambda file: file.rows(_LINES, {}))
        names = KeptLine.__struct_fields__
        return [KeptLine(**dict(zip(names, row, strict=True))) for row in rows]

    async def clear(self, *, source: str = "", kind: str = "", symbol: str = "") -> int:
        """Forget answers."""
        chosen = {"source": source, "kind": kind, "symbol": symbol}
        return await self._thread.call(lambda file: file.changed(_CLEAR, chosen))

    async def close(self) -> None:
        """Finish, then close; twice is harmless."""
        await self._thread.close()


def _spent(body: bytes) -> Spent:
    return msgspec.msgpack.decode(body, type=Spent)


def _values(kept: Kept, now_ns: int) -> dict[str, object]:
    fields = {name: getattr(kept, name) for name in Kept.__struct_fields__}
    return {**fields, "used_ns": now_ns, "size": len(kept.body) + len(kept.key)}


def _find(file: ResearchFile, keys: Sequence[str], now_ns: int) -> dict[str, Kept]:
    found: dict[str, Kept] = {}
    for key in keys:
        for *fields, final, used_ns in file.rows(_FIND, {"key": key}):
            named = dict(zip(Kept.__struct_fields__, fields, strict=False))
            found[key] = Kept(**named, final=bool(final))
            if not 0 <= now_ns - used_ns < _USED_EVERY_NS:
                file.changed(
                    "UPDATE kept SET used_ns = :now WHERE key = :key", {"now": now_ns, "key": key}
                )
    return found


def _make_room(file: ResearchFile, most_bytes: int) -> None:
    ((total,),) = file.rows("SELECT COALESCE(SUM(size), 0) FROM kept", {})
    if total <= most_bytes:
        return
    over, gone = total - round(most_bytes * _ROOM), list[str]()
    for key, size in file.rows("SELECT key, size FROM kept ORDER BY used_ns, key", {}):
        if over <= 0:
            break
        gone.append(key)
        over -= size
    for key in gone:
        file.changed("DELETE FROM kept WHERE key = :key", {"key": key})
