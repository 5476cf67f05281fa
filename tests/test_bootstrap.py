"""What the ports are made of, as far as it can be told without their edges."""

import pytest

from controller.bootstrap import make_links
from controller.settings import Settings


def links(**more):
    return make_links(Settings(repository="acme/infrastructure", **more))


@pytest.mark.parametrize(
    ("git_url", "page"),
    [
        ("https://github.com", "https://github.com/acme/infrastructure"),
        ("https://github.example/", "https://github.example/acme/infrastructure"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/acme/infrastructure"),
    ],
)
def test_a_place_in_a_file_is_a_line_of_githubs_page_of_it(git_url, page):
    source = links(git_url=git_url).source
    assert source("abc", "requests/payments/orders.yaml", 5, 3) == (
        f"{page}/blob/abc/requests/payments/orders.yaml#L5"
    )


def test_no_path_leads_elsewhere_than_to_its_file():
    found = links().source("abc", "requests/a b/ö#L1?x=](https://evil.test).yaml", 2, 1)
    assert found == (
        "https://github.com/acme/infrastructure/blob/abc/"
        "requests/a%20b/%C3%B6%23L1%3Fx%3D%5D%28https%3A//evil.test%29.yaml#L2"
    )


def test_a_page_of_ours_is_where_people_reach_it():
    assert links(public_url="https://infra.example/").page("/runs/7") == "https://infra.example/runs/7"
