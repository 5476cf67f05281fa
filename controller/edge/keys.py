"""What must be hard to guess: generated passwords, and the key of reviewed plans."""

import os
import secrets
import string
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

_ALPHABET = string.ascii_letters + string.digits
"""No character that a database, a shell or a URL would read as something else.

RDS takes no `/`, `@`, `"` and space in a password, of any engine
(https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints).
"""


def generate(length: int) -> str:
    """A password of so many characters, with 5.9 bits each."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def plan_key(configured: str, data: Path) -> bytes:
    """The HMAC key of reviewed plans: the configured one, else the data directory's, made at first use."""
    if configured:
        return configured.encode()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data / "plan.key"
    if not path.exists():
        _make(path)
    return path.read_bytes()


def _make(path: Path) -> None:
    """Make the key whole before it has its name; of two processes that do so, the first one's stays."""
    with NamedTemporaryFile(dir=path.parent) as draft:
        draft.write(secrets.token_hex(32).encode())
        draft.flush()
        with suppress(FileExistsError):
            os.link(draft.name, path)
