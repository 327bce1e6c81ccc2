"""The writer that needs no network: modular blocks chosen by the day's facts."""

from __future__ import annotations

from cockpit.adapters.writers.template.writer import TemplateSettings, TemplateWriter
from cockpit.ports.plugin import Plugin

plugin = Plugin("template", TemplateSettings, TemplateWriter)
