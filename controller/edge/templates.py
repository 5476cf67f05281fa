"""The templates, read once from the package: stories get them as text."""

from collections.abc import Mapping
from importlib.resources import files


def read_templates() -> Mapping[str, Mapping[str, str]]:
    """The Jinja2 sources of workspaces and comments: folder → name → text."""
    return {folder: _read(folder) for folder in ("workspace", "comment")}


def _read(folder: str) -> Mapping[str, str]:
    place = files("controller").joinpath("templates", folder)
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in place.iterdir()
        if entry.name.endswith(".j2")
    }
