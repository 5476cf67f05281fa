"""Inspector: looks at a catalogue that anybody may have proposed, in a process that may be ended for it.

Parsing what a stranger wrote can take any time and memory, and would do so in a worker that others' applies beat in. The
process gets the files on its standard input, answers with rejections as JSON, and knows no variable of ours.
"""

import base64
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from controller.core.inspection import TOO_MUCH, inspect
from controller.core.rejection import Rejection

CPU_SECONDS = 30
MEMORY = 1024**3
"""Bytes of address space: a catalogue of hundreds of kinds takes a tenth of it."""

_WALL_SECONDS = 120.0
_KEPT = ("PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV")
_REJECTIONS = TypeAdapter(tuple[Rejection, ...])


def inspect_apart(files: Mapping[str, bytes]) -> tuple[Rejection, ...]:
    """Every mistake in the files under `terraform/`; `TOO_MUCH` where they cannot be looked at within reason."""
    return _inspect(tuple(sorted(files.items())))


@lru_cache(maxsize=8)
def _inspect(files: tuple[tuple[str, bytes], ...]) -> tuple[Rejection, ...]:
    question = json.dumps({path: base64.b64encode(blob).decode() for path, blob in files})
    try:
        asked = subprocess.run(
            (sys.executable, "-m", __name__),
            input=question.encode(),
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            capture_output=True,
            timeout=_WALL_SECONDS,
            check=True,
        )
        return _REJECTIONS.validate_json(asked.stdout)
    except (subprocess.SubprocessError, ValidationError):
        return (TOO_MUCH,)


def main() -> None:
    """Answer the question on standard input, within limits that the system keeps."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    files = {path: base64.b64decode(text) for path, text in json.load(sys.stdin).items()}
    sys.stdout.buffer.write(_REJECTIONS.dump_json(inspect(files)))


if __name__ == "__main__":
    main()
