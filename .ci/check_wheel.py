"""Unpack a wheel and import every module of it, away from the checkout."""

import importlib
import os
import pkgutil
import sys
import tempfile
import zipfile
from pathlib import Path

MUST_HOLD = ("cockpit/resources/fonts/Inter-Regular.otf", "entry_points.txt", "LICENSE")
NOT_MODULES = ("cockpit.__main__", ".migrations")  # one starts the program, the others are data


def main(wheel: str) -> None:
    """Raise, or exit with a sentence, when the wheel lacks something or doesn't import."""
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in MUST_HOLD:
        if not any(name.endswith(wanted) for name in names):
            sys.exit(f"the wheel holds no {wanted}")
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        count = import_all(Path(folder))
    print(f"{Path(wheel).name}: {len(names)} files, {count} modules import")


def import_all(folder: Path) -> int:
    """Import cockpit and all below it from `folder` alone; returns how many modules that was."""
    sys.path.insert(0, str(folder))
    package = importlib.import_module("cockpit")
    if not str(package.__file__).startswith(str(folder)):
        sys.exit(f"cockpit came from {package.__file__}, not from the wheel")
    names = [module.name for module in pkgutil.walk_packages(package.__path__, "cockpit.")]
    wanted = [name for name in names if not any(part in name for part in NOT_MODULES)]
    for name in wanted:
        importlib.import_module(name)
    return len(wanted)


if __name__ == "__main__":
    main(sys.argv[1])
