"""Bytes a row on a tape, how fast one is made and read, and the whole path from it.

    python tests/bench/tape.py [--json]

Takes the recorded session if it is beside the project, else a simulated day. Rates are rows a
second of CPU time, best of three; ratios are against reading the same rows as CSV, in this run.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from replay import best, reading_alone, simulated_rows, write_files

from cockpit.adapters.feeds.chunks import Batch
from cockpit.adapters.tape import codec
from cockpit.adapters.tape.blocks import Cutter
from cockpit.adapters.tape.reader import blocks, open_tape
from cockpit.app.data.playing import record
from cockpit.ports.feed import RawQuote

ROUNDS = 3


def recorded_files(folder: Path) -> tuple[Path, ...]:
    data = Path(__file__).resolve().parents[3] / "shared" / "data" / "intraday_us"
    return tuple(sorted(data.glob("XXX_2018-01-02_*.csv.gz"))) or write_files(
        folder, simulated_rows(100_000)
    )


def seconds(job: Callable[[], object]) -> float:
    spent: list[float] = []
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        job()
        spent.append(time.process_time() - start)
    return min(spent)


def quotes_of(made: list[list[Batch]]) -> list[list[Batch]]:
    cutter, found = Cutter(), list[list[Batch]]()
    for block in made:
        for batch in block:
            if isinstance(batch, tuple):
                quotes = [row for row in batch[1] if isinstance(row, RawQuote)]
                full = cutter.add((batch[0], quotes)) if quotes else None  # type: ignore[arg-type]
                found += [full] if full else []
    return [*found, cutter.take()]


def rows_of(made: list[list[Batch]]) -> int:
    return sum(len(batch[1]) for block in made for batch in block if isinstance(batch, tuple))


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        files = recorded_files(Path(name))
        path = Path(name) / "day.tape"
        asyncio.run(record(files, path))
        tape = open_tape(path)
        made = list(blocks(tape))
        packed = [codec.encode(block) for block in made]
        quotes = quotes_of(made)
        count = rows_of(made)
        csv_count, _, csv_session = best(files)
        tape_count, _, tape_session = best((path,))
        csv_reading = reading_alone(files)
        decoding = count / seconds(lambda: [codec.decode(each) for each in packed])
        return {
            "rows": count,
            "csv_bytes_a_row": sum(file.stat().st_size for file in files) / count,
            "bytes_a_row": path.stat().st_size / count,
            "bytes_a_quote": sum(map(len, map(codec.encode, quotes))) / rows_of(quotes),
            "encode_rows_s": count / seconds(lambda: [codec.encode(each) for each in made]),
            "decode_rows_s": decoding,
            "csv_read_rows_s": csv_reading,
            "ratio_decode_vs_csv": decoding / csv_reading,
            "whole_path_csv_rows_s": csv_count / csv_session,
            "whole_path_tape_rows_s": tape_count / tape_session,
            "ratio_whole_path": (tape_count / tape_session) / (csv_count / csv_session),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    figures = measure()
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>24} {value:>12,.2f}")


if __name__ == "__main__":
    main()
