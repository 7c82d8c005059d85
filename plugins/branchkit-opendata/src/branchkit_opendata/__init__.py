"""branchkit-opendata: public branch data, inspections and calendars as commands for branchkit."""

from __future__ import annotations

from branchkit_opendata.hooks import OpenData

__all__ = ["OpenData", "plugin"]

plugin = OpenData()
"""What the entry point names."""
