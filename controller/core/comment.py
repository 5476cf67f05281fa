"""Comment: a summary as Markdown; templates hold the layout, filters make every stranger's word inert."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import DictLoader, StrictUndefined
from jinja2 import Environment as Jinja

from controller.core.markdown import address, code, fence, hidden, mention, plain, prose
from controller.core.summary import PlanSummary, ResultSummary, attributes, count_words
from controller.core.wish import Answer

LIMIT = 60_000
"""GitHub takes 65,536 characters; we stop before (https://github.com/orgs/community/discussions/41331)."""

MANY_RUNS = 1_000
"""More than a comment's data names; the ledger knows them all."""

FEW_NOTICES = 3
"""So many failures of a pull are told one by one; more are one thing, and heard of once."""

_GAP = re.compile(r"\n{3,}")
"""What parts that a comment leaves out leave behind."""

Templates = Mapping[str, str]


@dataclass(frozen=True)
class Links:
    """Where a comment leads to: `page` is a page of ours by its path, `source` a place in a commit's file (path, line, column)."""

    page: Callable[[str], str]
    source: Callable[[str, str, int, int], str]


@dataclass(frozen=True)
class Text:
    """A comment's whole body, and the first line by which it is found again."""

    marker: str
    body: str


@dataclass(frozen=True)
class Size:
    """How much a comment tells: with what folds open or without, and at most so many of each thing."""

    details: bool
    most: int


_SIZES = (
    Size(details=True, most=500),
    Size(details=False, most=500),
    Size(details=False, most=100),
    Size(details=False, most=20),
    Size(details=False, most=5),
    Size(details=False, most=0),
)
"""From all there is to say down to the verdict and the counts, which always stay."""


def plan_comment(summary: PlanSummary, templates: Templates, links: Links) -> Text:
    """The one comment of an open pull."""
    pull = summary.proposal.pull
    runs = [row.run.id for row in summary.rows if row.run]
    data = {"pull": pull.number, "head": pull.head, "runs": runs[:MANY_RUNS]}
    return _text("plan", "plan", templates, data, summary=summary, links=links, commit=pull.head)


def result_comment(summary: ResultSummary, templates: Templates, links: Links) -> Text:
    """The one comment that tells what became of a merged pull."""
    commit = summary.status.commit
    data = {"commit": commit, "runs": [run.id for run in summary.runs[:MANY_RUNS]]}
    return _text("result", "result", templates, data, summary=summary, links=links, commit=commit)


def notices(summary: ResultSummary, mention: str, templates: Templates, links: Links) -> tuple[Text, ...]:
    """A short comment for each failure, or one for many, so that somebody hears of it: edits notify nobody.

    Args:
        summary: what became of the merge.
        mention: the login of whoever is to hear of it, or empty.
        templates: the layouts.
        links: where to lead.
    """
    failed, told = summary.failed, {"mention": mention, "links": links}
    if len(failed) <= FEW_NOTICES and not (summary.is_large and len(failed) > 1):
        return tuple(
            _text(
                f"notice run={entry.run.id}", "notice", templates, {"run": entry.run.id}, entry=entry, **told
            )
            for entry in failed
        )
    if summary.is_under_way:
        return ()
    data = {"runs": [entry.run.id for entry in failed[:MANY_RUNS]]}
    return (_text("notice runs", "notices", templates, data, summary=summary, **told),)


def answer_comment(answer: Answer, templates: Templates, links: Links) -> Text:
    """What somebody's commands are answered with."""
    marker, data = f"answer comment={answer.comment}", {"comment": answer.comment, "pull": answer.pull}
    return _text(marker, "answer", templates, data, answer=answer, links=links)


def _text(marker: str, name: str, templates: Templates, data: Mapping[str, Any], **context: Any) -> Text:
    first = f"<!-- infrautomater:{marker} v1 -->"
    last = f"<!-- infrautomater:data {hidden(json.dumps(data, sort_keys=True))} -->"
    layout = _jinja(tuple(sorted(templates.items()))).get_template(f"{name}.md.j2")
    room = LIMIT - len(first) - len(last) - 4
    fitting = (_within(room, layout.generate(**context, size=size)) for size in _SIZES)
    body = next((body for body in fitting if body is not None), "")
    return Text(first, f"{first}\n{body}\n\n{last}\n")


def _within(room: int, pieces: Iterable[str]) -> str | None:
    """A body, unless it does not fit: then no more of it is rendered than shows that."""
    taken, length = [], 0
    for piece in pieces:
        taken.append(piece)
        length += len(piece)
        if length > room:
            return None
    return _GAP.sub("\n\n", "".join(taken)).strip()


@lru_cache(maxsize=2)
def _jinja(templates: tuple[tuple[str, str], ...]) -> Jinja:
    """Templates, compiled once for all comments."""
    jinja = Jinja(  # noqa: S701 -- this is Markdown, not HTML; every stranger's word goes through a filter below
        loader=DictLoader(dict(templates)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {"code": code, "fence": fence, "plain": plain, "prose": prose, "mention": mention}
    jinja.filters |= {"counts": count_words, "json": _json, "address": address, "attributes": attributes}
    return jinja


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
