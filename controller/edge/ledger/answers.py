"""Answers: which comments were answered, so that a command that comes twice is obeyed once."""

import json

from controller.core.wish import Answer
from controller.edge.ledger.engine import Work, insert
from controller.edge.ledger.tables import AnyRow, answers


def remember(work: Work, answer: Answer) -> bool:
    """Remember an answer; whether it is the comment's first."""
    row = {
        "comment": answer.comment,
        "pull": answer.pull,
        "by": answer.by,
        "refused": answer.refused,
        "words": json.dumps(answer.words),
        "vouches": answer.vouches,
        "at": work.now,
    }
    statement = insert(work.conn, answers).values(row).on_conflict_do_nothing()
    return work.conn.execute(statement.returning(answers.c.comment)).first() is not None


def read_answer(row: AnyRow) -> Answer:
    """An answer from its row."""
    return Answer(row.comment, row.pull, row.by, row.refused, tuple(json.loads(row.words)), row.vouches)
