"""Every widget and state of the design system on one page, for review and visual regression."""

from __future__ import annotations
