"""A person with a browser that knows no scripts: pages, their links, and their forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2


@dataclass
class Form:
    action: str
    method: str
    fields: list = field(default_factory=list)
    buttons: list = field(default_factory=list)


class Reading(HTMLParser):
    """What a page has to click on; what is said is in `text`."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links, self.ids, self.pieces, self.tags = [], [], [], [], []
        self._area = self._select = self._button = None
        self.feed(text)

    @property
    def text(self):
        return " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.tags.append((tag, facts))
        self.ids.extend([facts["id"]] if facts.get("id") else [])
        self.links.extend([facts["href"]] if tag == "a" and "href" in facts else [])
        self.links.extend([facts["src"]] if tag == "img" else [])
        if tag == "form":
            self.forms.append(Form(facts["action"], facts["method"]))
        elif tag == "textarea":
            self._area = (facts["name"], [])
        elif tag == "select":
            self._select = facts["name"]
        elif tag == "option" and (
            "selected" in facts or all(n != self._select for n, _ in self.forms[-1].fields)
        ):
            self._area = (self._select, [])
        elif tag == "button" and self.forms:
            self._button = {"words": [], **facts}
            self.forms[-1].buttons.append(self._button)
        elif tag == "input" and "name" in facts:
            self._field(facts)

    def _field(self, facts):
        ticked = facts.get("type") in ("radio", "checkbox")
        if not ticked or "checked" in facts:
            self.forms[-1].fields.append((facts["name"], facts.get("value", "")))

    def handle_endtag(self, tag):
        if tag in ("textarea", "option") and self._area:
            name, pieces = self._area
            fields = [one for one in self.forms[-1].fields if one[0] != name or tag == "textarea"]
            self.forms[-1].fields = [*fields, (name, "".join(pieces).removeprefix("\n"))]
            self._area = None
        self._button = None if tag == "button" else self._button

    def handle_data(self, data):
        self.pieces.append(data)
        if self._area:
            self._area[1].append(data)
        if self._button:
            self._button["words"].append(data)


class Browser:
    """A browser of one person; `page` is what it shows."""

    def __init__(self, url):
        self.http = httpx2.Client(base_url=url, headers={"Accept": "text/html"}, follow_redirects=True)
        self.answer, self.page = None, None

    def sign_in(self, login):
        self.look("/login")
        return self.press(login=login)

    def look(self, path):
        return self._shown(self.http.get(path))

    def press(self, button=None, action=None, **filled):
        """Fill in the first form that has such a button (by its words) or such fields, and send it."""
        form, chosen = next(self._fitting(button, action, filled))
        fields = [one for one in form.fields if one[0] not in filled]
        sent = [*fields, *filled.items(), *([(chosen["name"], chosen.get("value", ""))] if chosen else [])]
        data = {}
        for name, value in sent:
            data.setdefault(name, []).append(value)
        return self._shown(self.http.request(form.method, urljoin(self.here, form.action), data=data))

    @property
    def here(self):
        return str(self.answer.url)

    def _fitting(self, button, action, filled):
        for form in self.page.forms:
            if action and not form.action.endswith(action):
                continue
            offered = [name for name, _ in form.fields] + [one.get("name") for one in form.buttons]
            pressed = [one for one in form.buttons if " ".join("".join(one["words"]).split()) == button]
            if (pressed or not button) and all(name in offered for name in filled):
                yield form, next((one for one in pressed if one.get("name")), None)

    def _shown(self, answer):
        self.answer = answer
        self.page = Reading(answer.text) if "html" in answer.headers["content-type"] else None
        return self.page

    def local_links(self):
        base = urlsplit(self.here)
        found = (urljoin(self.here, link) for link in self.page.links)
        return {link.partition("#")[0] for link in found if urlsplit(link).netloc == base.netloc}

    def close(self):
        self.http.close()
