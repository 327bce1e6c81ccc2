"""`cockpit gallery`: every widget and state on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cockpit.cli.exits import Exit, fail
from cockpit.cli.opening import NO_SCREEN, has_screen


def gallery(
    shots: Annotated[
        Path | None,
        typer.Option(
            help="Write a picture of each board in each look into this folder, and open nothing.",
            metavar="FOLDER",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show every widget and state of the screen, dark, light, and in blue and orange.

    It needs no account, opens no data folder and sends nothing: it is for looking at the
    screen's parts, and for pictures that show whether a change moved any of them.
    """
    if not has_screen():
        fail(NO_SCREEN, Exit.FAILED)
    from cockpit.ui.application import make_application
    from cockpit.ui.gallery.window import save_pictures, show_gallery

    app = make_application()
    if shots is None:
        raise typer.Exit(show_gallery(app))
    try:
        written = save_pictures(app, shots)
    except OSError as error:
        fail(f"{error} Choose another folder.", Exit.FAILED)
    typer.echo(f"{len(written)} pictures are in {shots}.")
