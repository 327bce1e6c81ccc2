"""Lines of a recorded file, plain or gzipped, with every failure in one clear sentence."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Generator
from pathlib import Path

from cockpit.ports.feed import FeedError

_GZIP_MAGIC = b"\x1f\x8b"
Lines = Generator[tuple[int, list[str]], None, None]


def refusal(
    path: Path, what: str, *, line: int | None = None, code: str = "FEED_FILE"
) -> FeedError:
    """A FeedError that names the file, the line if known, and what was not lost."""
    place = f"{path}, line {line}" if line is not None else f"{path}"
    return FeedError(
        f"{place}: {what}",
        user_text=f"{place}: {what}. Nothing was played or changed.",
        code=code,
    )


def lines(path: Path) -> Lines:
    """Number (the header is line 1) and fields of each line that isn't empty.

    Raises FeedError for what can't be read: missing, a folder, cut off, damaged, no text.
    """
    with _open(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text)
        try:
            for fields in rows:
                if fields:
                    yield rows.line_num, fields
        except EOFError:
            raise _cut_off(path, rows.line_num) from None
        except (zlib.error, UnicodeDecodeError, csv.Error, OSError) as error:
            raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> FeedError:
    if isinstance(error, gzip.BadGzipFile | zlib.error):
        return refusal(path, f"the compressed data is damaged ({error})")
    if isinstance(error, UnicodeDecodeError):
        return refusal(path, "this is not a text file")
    if isinstance(error, csv.Error):
        return refusal(path, f"this is not a CSV file ({error})")
    return refusal(path, f"it can't be read ({getattr(error, 'strerror', None) or error})")


def _open(path: Path) -> gzip.GzipFile | io.BufferedReader:
    if not path.exists():
        raise refusal(path, "there is no such file", code="FEED_MISSING")
    if not path.is_file():
        raise refusal(path, "this is not a file")
    try:
        with path.open("rb") as start:
            magic = start.read(2)
        if not magic:
            raise refusal(path, "the file is empty")
        if magic == _GZIP_MAGIC:
            return gzip.open(path, "rb")
        if path.suffix.lower() == ".gz":
            raise refusal(path, "it is named .gz but isn't gzipped")
        return path.open("rb")
    except OSError as error:
        raise refusal(path, f"it can't be read ({error.strerror or error})") from error


def _cut_off(path: Path, line: int) -> FeedError:
    return refusal(
        path,
        f"the compressed file is cut off, {line} lines could be read; fetch it again",
        line=line,
        code="FEED_TRUNCATED",
    )
