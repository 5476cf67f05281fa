"""Quota: what a team may have, in numbers and in money a month, and what goes beyond it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from controller.core.catalogue import Catalogue
from controller.core.change import Change, Destroy
from controller.core.cost import monthly
from controller.core.identity import RequestId
from controller.core.rejection import Rejection
from controller.core.request import Request
from controller.core.source import FromParameter

Owned = Mapping[RequestId, Request]


@dataclass(frozen=True)
class Breach:
    """A request that takes its team beyond a quota or a budget, and what is said of it."""

    request: RequestId
    rejection: Rejection


def breaches(before: Owned, after: Owned, catalogue: Catalogue) -> tuple[Breach, ...]:
    """What a change of the tree breaks.

    Only a request that is new to its team, or costs more than before, is blamed: a limit that was lowered ends nothing.

    Args:
        before: every request that stands, or that the default branch wants.
        after: the same once the change is made.
        catalogue: the kinds, and the environments with their quotas and budgets.
    """
    return (*_too_many(before, after, catalogue), *_too_dear(before, after, catalogue))


def owned(before: Owned, decided: Collection[Change]) -> dict[RequestId, Request]:
    """What there is once these changes are made."""
    ended = {change.request.id for change in decided if isinstance(change, Destroy)}
    made = {change.request.id: change.request for change in decided if not isinstance(change, Destroy)}
    return {identity: request for identity, request in before.items() if identity not in ended} | made


def _too_many(before: Owned, after: Owned, catalogue: Catalogue) -> Iterator[Breach]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for request in sorted(after.values(), key=lambda request: (_is_new(request, before), request.path)):
        shelf = request.team, request.id.environment, request.id.kind
        counts[shelf] += 1
        limit = _quota(request, catalogue)
        if _is_new(request, before) and limit is not None and counts[shelf] > limit:
            yield _over_quota(request, counts[shelf], limit)


def _too_dear(before: Owned, after: Owned, catalogue: Catalogue) -> Iterator[Breach]:
    rises = {identity: _rise(request, before, catalogue) for identity, request in after.items()}
    spent: defaultdict[tuple[str, str], float] = defaultdict(float)
    for request in sorted(after.values(), key=lambda request: (rises[request.id] > 0, request.path)):
        purse, rise = (request.team, request.id.environment), rises[request.id]
        limit, total = _budget(request, catalogue), spent[purse] + _price(request, catalogue)
        is_over = rise > 0 and limit is not None and total > limit
        # What is blamed is not paid for: what comes after it may well be within the budget.
        spent[purse] = total - rise if is_over else total
        if is_over and limit is not None:
            yield _over_budget(request, total, limit, catalogue)


def _is_new(request: Request, before: Owned) -> bool:
    """Whether its team did not have it."""
    known = before.get(request.id)
    return known is None or known.team != request.team


def _rise(request: Request, before: Owned, catalogue: Catalogue) -> float:
    """How much more it costs its team than before."""
    paid = 0.0 if _is_new(request, before) else _price(before[request.id], catalogue)
    return _price(request, catalogue) - paid


def _price(request: Request, catalogue: Catalogue) -> float:
    """What it costs in the currency of its environment's budget; prices in another one are not converted."""
    kind = catalogue.kinds.get(request.id.kind)
    environment = catalogue.environments.get(request.id.environment)
    if not (kind and kind.format.cost and environment and environment.format.budget):
        return 0.0
    is_same = kind.format.cost.currency == environment.format.budget.currency
    return monthly(request, kind) if is_same else 0.0


def _quota(request: Request, catalogue: Catalogue) -> int | None:
    environment = catalogue.environments.get(request.id.environment)
    if environment is None:
        return None
    quotas, kind = environment.format.quotas, request.id.kind
    return quotas.teams.get(request.team, {}).get(kind, quotas.default.get(kind))


def _budget(request: Request, catalogue: Catalogue) -> float | None:
    environment = catalogue.environments.get(request.id.environment)
    budget = environment.format.budget if environment else None
    return budget.teams.get(request.team, budget.default) if budget else None


def _over_quota(request: Request, count: int, limit: int) -> Breach:
    team, environment, kind = request.team, request.id.environment, request.id.kind
    problem = f"team {team}: {_ordinal(count)} `{kind}` in `{environment}`, limit {limit}"
    way_out = f"Delete another `{kind}` in the same pull, or ask the platform team for a higher quota."
    return Breach(request.id, Rejection(request.path, *request.named, "name", problem, way_out))


def _over_budget(request: Request, total: float, limit: float, catalogue: Catalogue) -> Breach:
    environment = catalogue.environments[request.id.environment].format
    currency = environment.budget.currency if environment.budget else ""
    where = f"team {request.team} in `{request.id.environment}`"
    problem = f"{where}: {total:,g} {currency} a month with this, budget {limit:,g} {currency}"
    way_out = (
        "Ask for less, delete something else in the same pull, or ask the platform team for a higher budget."
    )
    cost = catalogue.kinds[request.id.kind].format.cost
    if cost and isinstance(cost.per_month, FromParameter):
        return Breach(request.id, request.reject(cost.per_month.parameter, problem, way_out))
    return Breach(request.id, Rejection(request.path, *request.named, "name", problem, way_out))


def _ordinal(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
