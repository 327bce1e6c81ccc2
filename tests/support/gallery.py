"""Pictures of the gallery as small references, and a comparison that forgives a shimmer.

Renew them after a change that is meant, look at each, and commit them:
`QT_QPA_PLATFORM=offscreen python -m tests.support.gallery`
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication

from tests.support.needs import ROOT

FOLDER = ROOT / "tests" / "unit" / "ui" / "gallery" / "references"
SCALE, STEP = 0.4, 16
"""Small and in few colours: what moves, vanishes or changes its colour still shows."""

MOST = 256
"""So many colours a picture keeps: those that are seen most."""

NEAR, ALLOWED = 28, 0.0005
"""A pixel differs from `NEAR` on in any channel; so much of a picture may differ."""

FULL_LOOKS = ("dark", "light")
COLOURED = ("charts", "tables")
"""Only these boards look different in blue and orange."""


def kept(name: str) -> bool:
    """Tell whether the picture LOOK-BOARD has a reference."""
    look, _, section = name.rpartition("-")
    return look in FULL_LOOKS or (look == "dark-blue-orange" and section in COLOURED)


def small(picture: QPixmap) -> QImage:
    """The picture as a reference keeps it."""
    size = picture.size() * SCALE
    smooth = Qt.TransformationMode.SmoothTransformation
    image = picture.toImage().scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    coarse = pixels(image) // STEP * STEP + STEP // 2
    height, width, _ = coarse.shape
    flat = np.ascontiguousarray(coarse).tobytes()
    return QImage(flat, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def pixels(image: QImage) -> NDArray[np.uint8]:
    """Rows of pixels of red, green and blue."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    shown = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    return shown.copy()  # the rows end with the image they are seen through


def few_colours(image: QImage) -> QImage:
    """The same in the 256 colours that are seen most: others become the nearest of them."""
    seen = pixels(image)
    height, width, _ = seen.shape
    packed = seen.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1])
    every, where, count = np.unique(packed, return_inverse=True, return_counts=True)
    kept = every[np.argsort(-count)[:MOST]]
    parts = [(colours[:, None] >> (16, 8, 0)) & 255 for colours in (every, kept)]
    apart = ((parts[0][:, None] - parts[1][None]) ** 2).sum(axis=2)
    places = apart.argmin(axis=1).astype(np.uint8)[where.reshape(height, width)]
    flat = places.tobytes()
    made = QImage(flat, width, height, width, QImage.Format.Format_Indexed8)
    made = made.copy()  # it owns its pixels now
    made.setColorTable([0xFF000000 | int(colour) for colour in kept])
    return made


def differing(one: QImage, other: QImage) -> float:
    """The share of pixels that differ; 1 when the sizes do."""
    if one.size() != other.size():
        return 1.0
    apart = np.abs(pixels(one).astype(int) - pixels(other).astype(int)).max(axis=2)
    return float((apart >= NEAR).mean())


def now(app: QApplication) -> Iterator[tuple[str, QImage]]:
    """Each picture that has a reference, as it looks now."""
    from cockpit.ui.gallery.window import LOOKS, pictures

    looks = tuple(look for look in LOOKS if kept(f"{look.name}-charts"))
    for name, picture in pictures(app, looks):
        if kept(name):
            yield name, small(picture)


def renew() -> None:
    """Write all references anew."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from cockpit.ui.application import make_application

    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for name, image in now(make_application()):
        few_colours(image).save(str(FOLDER / f"{name}.png"), "PNG", 0)
    print(f"{sum(map(_size, FOLDER.glob('*.png'))):,} bytes in {FOLDER.relative_to(ROOT)}")


def _size(file: Path) -> int:
    return file.stat().st_size


if __name__ == "__main__":
    renew()
