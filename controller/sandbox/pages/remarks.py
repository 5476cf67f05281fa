"""What somebody said, with who they are and what others make of it."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from controller.sandbox.nouns import Comment, CommitComment, Pull, Review, ReviewComment
from controller.sandbox.pages import markdown
from controller.sandbox.pages.references import commits, named
from controller.sandbox.pages.visit import Visit
from controller.sandbox.render.commits import association
from controller.sandbox.render.issues import REACTIONS

EMOJI = dict(zip(REACTIONS, ["👍", "👎", "😄", "🎉", "😕", "❤️", "🚀", "👀"], strict=True))
_Said = Pull | Comment | Review | ReviewComment | CommitComment
_BADGES = {"OWNER": "Owner", "MEMBER": "Member", "COLLABORATOR": "Collaborator"}


@dataclass(frozen=True, slots=True)
class Tally:
    """One kind of reaction: by whom, and whether by whoever looks."""

    content: str
    emoji: str
    people: tuple[str, ...]
    mine: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said.

    `anchor` is its place on the page; `subject` is what a reaction or an edit is about, as the end of an address: `pull`,
    `comments/5`, `lines/6`; empty for what takes none.
    """

    anchor: str
    login: str
    badges: tuple[str, ...]
    at: str
    edited: bool
    source: str
    html: Markup
    subject: str = ""
    mine: bool = False
    reactions: tuple[Tally, ...] = ()


def on_pull(visit: Visit, pull: Pull) -> Remark:
    """A pull's description, the first thing said."""
    shown = _remark(visit, pull, pull, f"issue-{pull.id}", "pull")
    words = shown.html if pull.body else html(visit, "_No description provided._")
    # Whatever happens to a pull changes it, not only new words.
    return replace(shown, html=words, edited=False)


def on_conversation(visit: Visit, pull: Pull, said: Comment) -> Remark:
    """A comment in a pull's conversation."""
    return _remark(visit, pull, said, f"issuecomment-{said.id}", f"comments/{said.id}")


def on_review(visit: Visit, pull: Pull, said: Review) -> Remark:
    """A review's words."""
    return _remark(visit, pull, said, f"pullrequestreview-{said.id}")


def on_line(visit: Visit, pull: Pull, said: ReviewComment) -> Remark:
    """A comment on a line of a pull's diff."""
    return _remark(visit, pull, said, f"discussion_r{said.id}", f"lines/{said.id}")


def on_commit(visit: Visit, said: CommitComment) -> Remark:
    """A comment on a commit."""
    return _remark(visit, None, said, f"commitcomment-{said.id}")


def _remark(visit: Visit, pull: Pull | None, said: _Said, anchor: str, subject: str = "") -> Remark:
    if isinstance(said, Review):
        at = edited_at = said.submitted_at or ""
    else:
        at, edited_at = said.created_at, said.updated_at
    return Remark(
        anchor,
        said.user,
        badges(visit, said.user, pull),
        at,
        edited=edited_at != at,
        source=said.body or "",
        html=html(visit, said.body or ""),
        subject=subject,
        mine=bool(subject) and _mine(visit, said.user),
        reactions=tallies(visit, said.id) if subject else (),
    )


def html(visit: Visit, text: str) -> Markup:
    """Markdown, with links to whom and what it names."""
    repository = visit.repository()
    shas = commits(visit.forge, repository, text)
    return markdown.comment(text, lambda word: named(visit.forge, repository, word, shas))


def badges(visit: Visit, login: str, pull: Pull | None) -> tuple[str, ...]:
    """What somebody is here: a bot, a member, the author."""
    found = _BADGES.get(association(visit.view, visit.repository(), login))
    bot = ("bot",) if login.endswith("[bot]") else ()
    author = ("Author",) if pull and pull.user == login else ()
    return (*bot, *((found,) if found and not bot else ()), *author)


def tallies(visit: Visit, subject: int) -> tuple[Tally, ...]:
    """The reactions to something, in GitHub's order."""
    people: dict[str, list[str]] = {content: [] for content in REACTIONS}
    for one in visit.forge.reactions.of(subject):
        people[one.content].append(one.user)
    me = visit.viewer.login if visit.viewer else ""
    return tuple(
        Tally(content, EMOJI[content], tuple(those), me in those) for content, those in people.items()
    )


def _mine(visit: Visit, login: str) -> bool:
    return visit.viewer is not None and (visit.viewer.login == login or visit.may("write"))
