"""Protected branches over git: an `update` hook that is told, for each push, what the one who pushes may not do."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping

from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Repository, User
from controller.sandbox.rules import protection

# The rules come as lines of branch, kind, commits that it does not concern, and message.
_HOOK = """#!/bin/sh
name=$1 old=$2 new=$3
case $old in *[!0]*) ;; *) exit 0 ;; esac
kinds=push
case $new in
*[!0]*)
    git merge-base --is-ancestor "$old" "$new" || kinds="$kinds force"
    [ -z "$(git rev-list --merges --max-count=1 "$old..$new")" ] || kinds="$kinds merge"
    ;;
*) kinds=deletion ;;
esac
refused=$(while read -r branch kind but message; do
    [ "$branch" = "$name" ] || continue
    case " $kinds " in *" $kind "*) ;; *) continue ;; esac
    case ",$but," in *",$new,"*) continue ;; esac
    printf '%s\\n' "- $message"
done <"$PROTECTED")
[ -z "$refused" ] && exit 0
printf '%s\\n' "error: GH006: Protected branch update failed for $name." '' "$refused" >&2
exit 1
"""


@contextlib.contextmanager
def environment(forge: Forge, repository: Repository, actor: User) -> Iterator[Mapping[str, str]]:
    """What git's receiving end needs in its environment to hold a push against the rules; nothing where there are none.

    The rules themselves are in a file for as long: a branch's green commits may be more than an environment can hold.

    Args:
        forge: The state.
        repository: Where the push goes.
        actor: Who pushes.
    """
    lines = [_line(rule) for rule in protection.rules(forge, repository, actor)]
    if not lines:
        yield {}
        return
    with tempfile.NamedTemporaryFile("w") as file:
        file.writelines(lines)
        file.flush()
        yield {
            "PROTECTED": file.name,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.hooksPath",
            "GIT_CONFIG_VALUE_0": _hooks(forge),
        }


def _line(rule: protection.Rule) -> str:
    return f"refs/heads/{rule.branch} {rule.kind} {','.join(rule.but) or '-'} {rule.message}\n"


def _hooks(forge: Forge) -> str:
    folder = forge.repositories_dir.parent / "hooks"
    hook = folder / "update"
    if not hook.exists() or hook.read_text() != _HOOK:
        folder.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o700)
    return str(folder)
