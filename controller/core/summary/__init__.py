"""Summary: what people are told about a pull, before any word is laid out.

The same value makes the comment's first line and the statuses, so that they never disagree.
"""

from controller.core.summary.attributes import Attributes, attributes
from controller.core.summary.entry import Entry
from controller.core.summary.facts import APPLY, APPROVAL, PLAN, VALIDATE, PlanFacts, ResultFacts
from controller.core.summary.happening import Happening, what_happens
from controller.core.summary.plan import PlanSummary, summarise_plan
from controller.core.summary.progress import is_news
from controller.core.summary.result import ResultSummary, summarise_result
from controller.core.summary.row import Row
from controller.core.summary.words import count_words, many

__all__ = [
    "APPLY",
    "APPROVAL",
    "PLAN",
    "VALIDATE",
    "Attributes",
    "Entry",
    "Happening",
    "PlanFacts",
    "PlanSummary",
    "ResultFacts",
    "ResultSummary",
    "Row",
    "attributes",
    "count_words",
    "is_news",
    "many",
    "summarise_plan",
    "summarise_result",
    "what_happens",
]
