"""Awaitable dialogs: `open()` and a future, never `exec()`, so that no task ever stops for one."""
