"""Quantities of Kubernetes, and the one form in which the API server gives each back.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from decimal import Decimal

WRITTEN = re.compile(r"([+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?")
BINARY = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)}
DECIMAL = {suffix: Decimal(1000) ** power for power, suffix in enumerate(["n", "u", "m", "", *"kMGTPE"], -3)}


def parse(text: str) -> Decimal:
    """How much a quantity is.

    Raises:
        ValueError: it is none.
    """
    match = WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"quantities must match the regular expression '{WRITTEN.pattern}'")
    number, suffix = match.groups(default="")
    if suffix[:1] in ("e", "E") and suffix[1:]:
        return Decimal(number + suffix)
    return Decimal(number) * {**DECIMAL, **BINARY}[suffix]


def canonical(text: str) -> str:
    """The same quantity without a fraction, and with the greatest suffix of its own sort that allows it."""
    amount = parse(text)
    if not amount:
        return "0"
    suffixes = {"": Decimal(1), **BINARY} if text.endswith("i") else DECIMAL
    best = max((suffix for suffix, size in suffixes.items() if amount % size == 0), key=suffixes.__getitem__)
    return f"{int(amount / suffixes[best])}{best}"
