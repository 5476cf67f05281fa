"""Every page with its address, which is github.com's."""

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.responses import Response
from starlette.routing import Route

from controller.sandbox.errors import not_found
from controller.sandbox.forge import Forge
from controller.sandbox.pages import (
    code,
    comment_forms,
    commits,
    compare,
    editor,
    hooks,
    people,
    pull,
    pull_forms,
    pull_list,
    sign_in,
)
from controller.sandbox.pages.server import Page, served
from controller.sandbox.pages.sessions import Sessions
from controller.sandbox.pages.visit import Visit


class _Number(IntegerConvertor):
    # No id is longer, and Python reads no longer numbers than some thousand digits.
    regex = "[0-9]{1,18}"


register_url_convertor("number", _Number())

_REPO = "/{owner}/{repo}"
_PULL = _REPO + "/pull/{number:number}"
_HOOK = _REPO + "/settings/hooks/{hook_id:number}"

_LOOKS: tuple[tuple[str, Page], ...] = (
    ("/", people.front),
    ("/login", sign_in.choose),
    ("/assets/style.css", people.style),
    ("/avatars/{login}", people.avatar),
    ("/{login}", people.profile),
    (_REPO, code.tree),
    (_REPO + "/tree/{rest:path}", code.tree),
    (_REPO + "/blob/{rest:path}", code.blob),
    (_REPO + "/raw/{rest:path}", code.raw),
    (_REPO + "/branches", code.branch_list),
    (_REPO + "/commits", commits.history),
    (_REPO + "/commits/{rest:path}", commits.history),
    (_REPO + "/commit/{sha}", commits.commit),
    (_REPO + "/new/{rest:path}", editor.new),
    (_REPO + "/edit/{rest:path}", editor.edit),
    (_REPO + "/delete/{rest:path}", editor.delete),
    (_REPO + "/pulls", pull_list.listing),
    (_REPO + "/issues", pull_list.listing),
    (_REPO + "/issues/{number:number}", pull.as_issue),
    (_REPO + "/compare", compare.choose),
    (_REPO + "/compare/{rest:path}", compare.compare),
    (_PULL, pull.conversation),
    (_PULL + ".{form}", pull.as_text),
    (_PULL + "/commits", pull.commits),
    (_PULL + "/checks", pull.checked),
    (_PULL + "/files", pull.files),
    (_REPO + "/settings", hooks.listing),
    (_REPO + "/settings/hooks", hooks.listing),
    (_HOOK, hooks.hook),
    (_HOOK + "/deliveries/{delivery_id:number}", hooks.delivery),
)
_PRESSES: tuple[tuple[str, Page], ...] = (
    ("/login", sign_in.sign_in),
    ("/logout", sign_in.sign_out),
    (_REPO + "/commit/{sha}/comments", commits.comment),
    (_REPO + "/forks", code.fork),
    (_REPO + "/save", editor.save),
    (_REPO + "/remove", editor.remove),
    (_REPO + "/pulls", compare.create),
    (_PULL + "/edit", pull_forms.edit),
    (_PULL + "/state", pull_forms.set_state),
    (_PULL + "/draft", pull_forms.set_draft),
    (_PULL + "/merge", pull_forms.merge),
    (_PULL + "/queue", pull_forms.enqueue),
    (_PULL + "/reviews", pull_forms.review),
    (_PULL + "/reviews/dismiss", pull_forms.dismiss),
    (_PULL + "/reviewers", pull_forms.ask),
    (_PULL + "/labels", pull_forms.label),
    (_PULL + "/branch/update", pull_forms.update_branch),
    (_PULL + "/branch/delete", pull_forms.delete_branch),
    (_PULL + "/branch/restore", pull_forms.restore_branch),
    (_PULL + "/comments", comment_forms.add),
    (_PULL + "/comments/{comment_id:number}", comment_forms.edit),
    (_PULL + "/comments/{comment_id:number}/delete", comment_forms.delete),
    (_PULL + "/lines/{comment_id:number}", comment_forms.edit_on_line),
    (_PULL + "/lines/{comment_id:number}/delete", comment_forms.delete_on_line),
    (_PULL + "/lines/{comment_id:number}/replies", comment_forms.reply),
    (_PULL + "/reactions", comment_forms.react),
    (_HOOK + "/pings", hooks.ping),
    (_HOOK + "/deliveries/{delivery_id:number}", hooks.redeliver),
)


def _nothing(_visit: Visit) -> Response:
    raise not_found()


_ANYTHING = ("/{rest:path}", _nothing)


def routes(forge: Forge) -> list[Route]:
    """The pages' addresses; sessions begin with the box and end with it."""
    sessions = Sessions()
    looks = [
        Route(path, served(forge, sessions, page), methods=["GET"]) for path, page in (*_LOOKS, _ANYTHING)
    ]
    presses = [Route(path, served(forge, sessions, page), methods=["POST"]) for path, page in _PRESSES]
    return [*looks, *presses]
