"""What the application tells a person when it can't do as asked."""

from __future__ import annotations

from cockpit.domain.errors import CockpitError


class AppError(CockpitError):
    """Root of this package's errors."""

    code = "APP_ERROR"


class PluginError(AppError):
    """A plug-in named in the settings isn't installed or can't be loaded."""

    code = "PLUGIN_ERROR"


class DataFolderError(AppError):
    """The data folder can't be used: read-only, or open in another cockpit."""

    code = "DATA_FOLDER"


class ReportError(AppError):
    """The report of a run can't be written where it was asked for."""

    code = "REPORT_WRITE"


class NothingThereError(AppError):
    """Something was asked for that the store does not hold."""

    code = "NOTHING_THERE"
