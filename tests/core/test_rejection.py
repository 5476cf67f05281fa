import pytest

from controller.core.rejection import Rejection, nearest


def test_a_rejection_reads_as_a_compilers_line():
    rejection = Rejection(
        "requests/a/b.yaml", 4, 3, "parameters.size", "`size` cannot be `XL`", "Write `large`."
    )
    assert str(rejection) == "requests/a/b.yaml:4:3: parameters.size: `size` cannot be `XL`. Write `large`."


def test_a_rejection_of_the_whole_file_names_no_field():
    assert str(Rejection("a", 1, 1, "", "empty", "Fill it.")) == "a:1:1: empty. Fill it."


@pytest.mark.parametrize(
    ("word", "known", "words"),
    [
        ("smal", ("small", "medium"), "Did you mean `small`?"),
        ("huge", ("small", "medium", "large"), "Choose one of `small`, `medium`, `large`."),
        ("x", {"b", "a"}, "Choose one of `a`, `b`."),
        ("x", (20, 50, 100), "Choose one of `20`, `50`, `100`."),
        ("x", (), "None is offered here."),
    ],
)
def test_the_way_out_of_an_unknown_name(word, known, words):
    assert nearest(word, known) == words
