"""Recorded sessions on disk: framed, columnar, compressed, append-only, cut where torn."""
