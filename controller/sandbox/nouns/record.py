"""What every record has."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the store keeps; `id` is 0 until it is added."""

    id: int = 0
