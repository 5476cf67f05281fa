import pytest

from controller.core.approval import approve
from controller.core.environment import ApprovalRule
from controller.core.pull import Review

HEAD = "h" * 40


def rule(required=1, author=False, approvers=("@acme/platform",)):
    return ApprovalRule.model_validate({"required": required, "author": author, "from": approvers})


def review(author, state="APPROVED", commit=HEAD):
    return Review(author, state, commit)


AUTHORITY = {"bob": True, "cid": True, "ann": True, "eve": False}


@pytest.mark.parametrize(
    ("rules", "reviews", "counted", "ignored"),
    [
        ({}, [], (), ()),
        ({}, [review("bob")], ("bob",), ()),
        ({}, [review("bob"), review("bob")], ("bob",), ()),
        ({}, [review("bob"), review("cid")], ("bob", "cid"), ()),
        ({}, [review("eve")], (), ("eve: is none of @acme/platform",)),
        ({}, [review("zoe")], (), ("zoe: is none of @acme/platform",)),
        ({}, [review("bob", commit="a" * 40)], (), ("bob: approved the older commit aaaaaaa",)),
        ({}, [review("ann")], (), ("ann: the author's own approval does not count here",)),
        ({}, [review("Ann")], (), ("Ann: the author's own approval does not count here",)),
        ({"author": True}, [], ("ann",), ()),
        ({"author": True}, [review("ann")], ("ann",), ()),
        ({"author": True}, [review("bob")], ("ann", "bob"), ()),
        ({}, [review("bob"), review("bob", "CHANGES_REQUESTED")], (), ()),
        ({}, [review("bob"), review("bob", "DISMISSED")], (), ()),
        ({}, [review("bob"), review("bob", "COMMENTED")], ("bob",), ()),
        ({}, [review("bob", "CHANGES_REQUESTED"), review("bob")], ("bob",), ()),
        ({}, [review("bob", "COMMENTED"), review("bob", "PENDING")], (), ()),
    ],
)
def test_an_approval_counts_or_says_why_not(pull, rules, reviews, counted, ignored):
    approval = approve("prod", rule(**rules), pull(author="ann"), reviews, AUTHORITY)
    assert (approval.counted, approval.ignored) == (counted, ignored)


def test_an_author_without_authority_does_not_count_even_where_authors_do(pull):
    assert approve("prod", rule(author=True), pull(author="eve"), [], AUTHORITY).counted == ()


@pytest.mark.parametrize(
    ("required", "reviews", "is_given", "words"),
    [
        (0, [], True, "prod needs no approval"),
        (1, [], False, "0 of 1 for prod: needs one of @acme/platform"),
        (1, [review("bob")], True, "1 of 1 for prod"),
        (2, [review("bob")], False, "1 of 2 for prod: needs one of @acme/platform"),
        (2, [review("bob"), review("cid")], True, "2 of 2 for prod"),
    ],
)
def test_an_approval_is_said_in_one_line(pull, required, reviews, is_given, words):
    approval = approve("prod", rule(required), pull(), reviews, AUTHORITY)
    assert (approval.is_given, str(approval)) == (is_given, words)
