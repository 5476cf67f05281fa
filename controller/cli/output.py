"""What verbs print for machines."""

import json
import sys
from typing import Any

from pydantic import TypeAdapter


def print_json(value: Any) -> None:
    """Any of our values as one JSON document on standard output."""
    dumped = TypeAdapter(type(value)).dump_python(value, mode="json")
    sys.stdout.write(json.dumps(dumped, ensure_ascii=False, indent=2) + "\n")
