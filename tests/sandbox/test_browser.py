"""The whole way by mouse and keyboard, in a real browser."""

import importlib
import os
import shutil

import pytest

if not os.environ.get("CI"):
    pytest.importorskip("playwright")
playwright = importlib.import_module("playwright.sync_api")

pytestmark = pytest.mark.e2e

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, world):
    context = chromium.new_context(base_url=world.box.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_in(page, login):
    page.goto("/login")
    page.locator(f"button[name=login][value={login}]").last.click()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def test_a_newcomer_plays_a_change_from_its_file_to_its_merge(page, world):
    name = world.name("orders")
    sign_in(page, "requester")
    page.get_by_role("link", name="acme/infrastructure", exact=True).click()
    page.get_by_role("link", name="Add file", exact=True).click()
    page.get_by_label("infrastructure /").fill(f"requests/pay/{name}.yaml")
    page.get_by_label("Content of the file").fill(f"kind: database\nname: {name}\n")
    press(page, "Commit changes")
    page.get_by_label("Description").fill("We sell **a lot**.")
    press(page, "Create pull request")
    address = page.url
    assert page.locator(".prose strong").inner_text() == "a lot"

    sign_in(page, "reviewer")
    page.goto(address)
    page.get_by_role("link", name="Files changed").click()
    assert f"name: {name}" in page.locator("tr.added").last.inner_text()
    page.get_by_text("Review changes").click()
    page.get_by_label("Approve").check()
    press(page, "Submit review")
    page.get_by_text("approved these changes").wait_for()
    press(page, "Merge pull request")

    assert page.locator(".state").inner_text() == "Merged"
    press(page, "Delete branch")
    page.get_by_text("has been deleted").wait_for()
    number = int(address.rpartition("/")[2])
    assert world.repo().get_pull(number).merged_by.login == "reviewer"


def test_one_switches_people_in_the_header_by_keyboard_alone(page, world):
    sign_in(page, "requester")
    page.locator("summary.who").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    playwright.expect(page.locator("summary.who")).to_have_text("admin")


def test_a_link_to_a_line_marks_it(page, world):
    page.goto("/acme/infrastructure/blob/main/requests/pay/orders.yaml#L2")
    marked = page.locator("tr:target")
    assert marked.inner_text().strip() == "name: orders"
    colours = [
        row.evaluate("row => getComputedStyle(row).backgroundColor") for row in (marked, page.locator("#L1"))
    ]
    assert colours[0] != colours[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(page, world, scheme):
    pull = world.pull({f"requests/{'long' * 20}/{world.name()}.yaml": "x: " + "y" * 400 + "\n"})
    pull.create_issue_comment(
        "| a | b |\n|---|---|\n| `w" + "i" * 90 + "de`| " + "x" * 200 + " |\n\n```\n" + "z" * 300 + "\n```"
    )
    sign_in(page, "admin")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=scheme)
    at, repo = f"/acme/infrastructure/pull/{pull.number}", "/acme/infrastructure"
    paths = [
        at,
        f"{at}/files",
        f"{at}/checks",
        f"{at}/commits",
        f"{repo}/pulls",
        repo,
        f"{repo}/new/main",
        f"{repo}/settings/hooks",
        f"{repo}/commit/{pull.head.sha}",
        "/login",
    ]
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
