"""What a comment says is to be done next, and doing just that."""

import re

_COMMAND = re.compile(r"`(/infra [^`]+)`")
_OPERATOR = re.compile(r"`infrautomater ([^`]+)`")
_RULE = re.compile(r"says `(destroy: \w+)` in `(terraform/environments/[^`]+)`")


def row(body, name):
    """The row of a request in a comment's table."""
    return next(line for line in body.splitlines() if line.startswith("| `") and name in line)


def item(body, words):
    """The item of a comment's lists that has these words."""
    return next(line for line in body.splitlines() if line.startswith("- ") and words in line)


def told(body):
    """What a comment says under `Next`, or all of it where it has no such part."""
    return body.partition("**Next:**")[2] or body


def commands(body):
    """The commands that a comment names, each once."""
    return list(dict.fromkeys(_COMMAND.findall(told(body))))


def command(body):
    """The one command that a comment names."""
    [found] = commands(body)
    return found


def operators(body, reason="Seen, and meant."):
    """The words of the first of the operator's commands that a comment names."""
    return [word.strip('"').replace("…", reason) for word in _OPERATOR.findall(told(body))[0].split()]


def rule(body):
    """What the platform team is to write into which file."""
    return _RULE.search(told(body)).groups()


def goes_on(world, pull, login="reviewer", kind="result"):
    """Comment what our comment says is to be commented, and see it obeyed; the command."""
    asked = command(world.comment(pull, kind))
    comment = world.comment_as(login, pull, asked)
    assert world.obeyed(comment) == "rocket", world.answer(pull, comment)
    return asked


def refused(world, pull, login, asked):
    """Ask in vain; what is answered."""
    comment = world.comment_as(login, pull, asked)
    assert world.obeyed(comment) == "confused"
    return world.answer(pull, comment)


def spaced(name, environment="dev", kind="sandbox", **parameters):
    """A request whose parameters stand so far apart that two branches may each change one."""
    head = f"kind: {kind}\nname: {name}\nenvironment: {environment}\nparameters:\n"
    return head + "".join(f"  {key}: {value}\n  #\n  #\n  #\n" for key, value in parameters.items())
