"""`schema`: JSON Schema for editors and linters, of what the repository offers."""

import json
import sys
from pathlib import Path

import typer

from controller.cli.repository import Root, worktree
from controller.core.schema import request_schema


def run(root: Root = Path()) -> None:
    """Print one JSON Schema (draft-07) for requests of every kind, as each environment offers it."""
    catalogue = worktree(root).catalogue
    sys.stdout.write(json.dumps(request_schema(catalogue), ensure_ascii=False, indent=2) + "\n")
    sys.stderr.writelines(f"{rejection}\n" for rejection in catalogue.rejections)
    raise typer.Exit(1 if catalogue.rejections else 0)
