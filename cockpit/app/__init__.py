"""Builds the cockpit from its rooms, starts and stops it, and takes every command."""
