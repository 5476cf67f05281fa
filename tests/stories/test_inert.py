"""What strangers write is shown as it is, and does nothing; what nobody may see is shown nowhere."""

import json
import urllib.request
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.stories.conftest import MODULES, edited

HOSTILE = "</details></code>`` ![x](http://evil.invalid/x.png) <img src=//evil.invalid/y> @acme/platform @reviewer | Closes #1 <!-- http://evil.invalid ```\n# Title"


class Reading(HTMLParser):
    """What a page loads and leads to, what it shows outside of code, and how its folds are nested."""

    def __init__(self, html):
        super().__init__()
        self.addresses, self.prose, self.open, self.worst = [], "", {"code": 0, "details": 0}, 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in {"href", "src"} and value]
        if tag in self.open:
            self.open[tag] += 1

    def handle_endtag(self, tag):
        if tag in self.open:
            self.open[tag] -= 1
            self.worst = min(self.worst, self.open[tag])

    def handle_data(self, data):
        self.prose += "" if self.open["code"] else data


def page(url):
    """A page as anybody sees it."""
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    ("field", "verdict"), [("message", "Ready: 1 change, low risk"), ("size", "Cannot merge: 1 mistake")]
)
def test_what_a_requester_wrote_does_nothing_on_the_page(world, ask, at, field, verdict):
    victim = world.propose({f"docs/{world.name()}.md": "words\n"})
    name = world.name()
    words = f"{HOSTILE} Closes #{victim.number}"
    pull = world.propose({at(name): ask(name, **{field: words})})
    assert "evil.invalid" in world.says(pull, verdict)

    html = page(pull.html_url)
    reading = Reading(html)
    assert "evil.invalid" in html and "evil" not in reading.prose and "Looked at" in reading.prose
    assert (reading.open, reading.worst) == ({"code": 0, "details": 0}, 0)
    led = ("evil", "teams/platform", f"/pull/{victim.number}", f"/issues/{victim.number}")
    assert [each for each in reading.addresses if any(words in each for words in led)] == []
    assert f"#{victim.number}" not in reading.prose


def test_a_secret_that_no_provider_marks_is_shown_nowhere(world, ask, at):
    name, secret = world.name(), f"hush-{world.name()}"
    kind = world.own_kind({"kind.yaml": keeps_to_itself(secret)})
    pull = world.propose({at(name): ask(name, environment=kind, kind=kind)})

    comment = world.says(pull, "Ready: 1 change, low risk")
    assert "`input` (hidden)" in comment
    world.merge(pull)
    result = world.says(pull, "Done: 1 request provisioned", "result")
    assert "| `message` | (hidden) |" in result

    site, runs = world.stack.controller, world.runs(name, kind, kind)
    statuses = [status.description for status in world.statuses(pull.head.sha)]
    seen = {
        "comments": json.dumps([comment, result]),
        "statuses": json.dumps(statuses),
        "runs": json.dumps(runs),
    }
    for path in (f"pulls/{pull.number}", f"requests/{kind}/{kind}/{name}", "api/v1/requests?limit=500"):
        seen[path] = page(f"{site}/{path}")
    for run in (str(each["run"]["id"]) for each in runs):
        seen |= {path: page(f"{site}/{path}") for path in (f"runs/{run}", f"api/v1/runs/{run}")}
        seen[f"log of {run}"] = world.verb("logs", run)
    assert [where for where, text in seen.items() if secret in text] == []
    assert secret in (world.stack.data / "controller/states" / f"{kind}.{kind}.{name}.tfstate").read_text()


def keeps_to_itself(secret):
    """The entry of a kind that hands a secret to its module and shows it in no attribute or output."""
    return edited(
        (Path(__file__).parents[2] / MODULES / "sandbox" / "kind.yaml").read_text(),
        {
            "shown: [input, ": "shown: [",
            "  message:  {show: true}": "  message:  {show: false}",
            "{parameter: message}": f"{{constant: {secret}}}",
        },
    )
