"""Cost: what a request costs a month, as its kind's price list has it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from controller.core.catalogue import Catalogue
from controller.core.change import Change, Destroy, Update
from controller.core.identity import RequestId
from controller.core.kind import Kind
from controller.core.request import Request
from controller.core.source import FromParameter


@dataclass(frozen=True)
class CostChange:
    """What a change does to the bill of a month."""

    request: RequestId
    before: float
    after: float
    currency: str
    without: str = ""

    @property
    def difference(self) -> float:
        return self.after - self.before

    def __str__(self) -> str:
        """`13 → 26 USD`, `+13 USD` for what is new, `-13 USD` for what goes."""
        if self.before and self.after:
            return f"{money(self.before)} → {money(self.after)} {self.currency}"
        return f"{_signed(self.difference)} {self.currency}"


def total(costs: Iterable[CostChange]) -> str:
    """`+31 USD a month`: what changes do to the bill together, each currency by itself; empty where that is nothing."""
    sums: dict[str, float] = {}
    for cost in costs:
        sums[cost.currency] = sums.get(cost.currency, 0.0) + cost.difference
    said = [
        f"{_signed(amount)} {currency}" for currency, amount in sorted(sums.items()) if money(amount) != "0"
    ]
    return f"{', '.join(said)} a month" if said else ""


def money(amount: float) -> str:
    """`1,234.5`: an amount to the cent, without cents that are none."""
    words = f"{amount:,.2f}".rstrip("0").rstrip(".")
    return "0" if words == "-0" else words


def _signed(amount: float) -> str:
    return money(amount) if amount < 0 else f"+{money(amount)}"


def monthly(request: Request, kind: Kind | None) -> float:
    """What a request costs a month, in the currency of its kind; nothing where the kind does not say."""
    cost = kind.format.cost if kind else None
    if cost is None:
        return 0.0
    if not isinstance(cost.per_month, FromParameter):
        return cost.per_month
    # A request may stand from the time of an older kind, whose values the table does not have any more.
    try:
        return float(cost.per_month.take(request.parameters[cost.per_month.parameter]))
    except (KeyError, TypeError, ValueError):
        return 0.0


def cost_changes(decided: Iterable[Change], catalogue: Catalogue) -> Iterator[CostChange]:
    """The changes that cost more, or less, than what stands."""
    for change in decided:
        kind = catalogue.kinds.get(change.request.id.kind)
        price = monthly(change.request, kind)
        before = monthly(change.before, kind) if isinstance(change, Update) else 0.0
        before, after = (price, 0.0) if isinstance(change, Destroy) else (before, price)
        if before != after and kind and kind.format.cost:
            price_list = kind.format.cost
            yield CostChange(change.request.id, before, after, price_list.currency, price_list.without)
