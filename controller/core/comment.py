"""Comment: a summary as Markdown; templates hold the layout, filters make every stranger's word inert."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import DictLoader, StrictUndefined
from jinja2 import Environment as Jinja

from controller.core.markdown import code, fence, hidden, plain, prose
from controller.core.outcome import Failed
from controller.core.run import Ended, Run
from controller.core.summary import PlanSummary, ResultSummary, count_words, what_happens

LIMIT = 60_000
"""GitHub takes 65,536 characters; we stop before (https://github.com/orgs/community/discussions/41331)."""

MANY_RUNS = 1_000
"""More than a comment's data names; the ledger knows them all."""

_CUT = "\n\n_The rest is cut: GitHub's comments end here._"

Templates = Mapping[str, str]
Link = Callable[[str], str]


@dataclass(frozen=True)
class Text:
    """A comment's whole body, and the first line by which it is found again."""

    marker: str
    body: str


def plan_comment(summary: PlanSummary, templates: Templates, link: Link) -> Text:
    """The one comment of an open pull."""
    pull = summary.proposal.pull
    runs = [row.run.id for row in summary.rows if row.run]
    data = {"pull": pull.number, "head": pull.head, "runs": runs[:MANY_RUNS]}
    return _text("plan", "plan", templates, data, summary=summary, link=link)


def result_comment(summary: ResultSummary, templates: Templates, link: Link) -> Text:
    """The one comment that tells what became of a merged pull."""
    data = {"commit": summary.status.commit, "runs": [run.id for run in summary.runs[:MANY_RUNS]]}
    return _text("result", "result", templates, data, summary=summary, link=link)


def notice(run: Run, mention: str, templates: Templates, link: Link) -> Text:
    """One short comment for one failure, so that its author hears of it; `mention` is a login, or empty."""
    failed = run.state.outcome if isinstance(run.state, Ended) else None
    if not isinstance(failed, Failed):
        raise TypeError(f"run {run.id} did not fail")
    data = {"run": run.id}
    return _text(
        f"notice run={run.id}", "notice", templates, data, run=run, failed=failed, mention=mention, link=link
    )


def _text(marker: str, name: str, templates: Templates, data: Mapping[str, Any], **context: Any) -> Text:
    first = f"<!-- infrautomater:{marker} v1 -->"
    last = f"<!-- infrautomater:data {hidden(json.dumps(data, sort_keys=True))} -->"
    jinja = _jinja(tuple(sorted(templates.items())))
    layout = jinja.get_template(f"{name}.md.j2")
    body = layout.render(**context, details=True).strip()
    room = LIMIT - len(first) - len(last) - len(_CUT) - 4
    if len(body) > room:
        body = layout.render(**context, details=False).strip()
    if len(body) > room:
        body = body[:room].rsplit("\n", 1)[0] + _CUT
    return Text(first, f"{first}\n{body}\n\n{last}\n")


@lru_cache(maxsize=2)
def _jinja(templates: tuple[tuple[str, str], ...]) -> Jinja:
    """Templates, compiled once for all comments."""
    jinja = Jinja(  # noqa: S701 -- this is Markdown, not HTML; every stranger's word goes through a filter below
        loader=DictLoader(dict(templates)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {"code": code, "fence": fence, "plain": plain, "prose": prose}
    jinja.filters |= {"counts": count_words, "words": what_happens, "json": _json}
    return jinja


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
