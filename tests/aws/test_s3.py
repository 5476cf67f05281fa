"""Buckets, from the request to the cloud and back, by the path that workers take."""

from contextlib import contextmanager

import pytest

from controller.core.outcome import Cause, Destroyed
from controller.core.wish import Retry

PATH = "requests/payments/receipts.yaml"
BUCKET = "dev-receipts-123456789012"
MAIN = "terraform/modules/s3/main.tf"


def ask(**parameters):
    lines = [f"  {name}: {str(value).lower()}\n" for name, value in parameters.items()]
    return (
        "kind: s3\nname: receipts\nenvironment: dev\n" + ("parameters:\n" if lines else "") + "".join(lines)
    )


@pytest.fixture
def s3(client):
    return client("s3")


@contextmanager
def without_policy(s3):
    """A block in which no policy stands: moto reads none of its conditions, and so takes every request for one without TLS."""
    policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    s3.delete_bucket_policy(Bucket=BUCKET)
    yield
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)


def buckets(s3):
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


@pytest.mark.edge
@pytest.mark.timeout(600)
def test_a_bucket_is_made_private_and_encrypted_and_destroyed_again(cloud, s3):
    """The first merge comes before any plan, as it may: it only creates."""
    cloud.merge(cloud.open({PATH: ask()}))
    cloud.work()

    assert cloud.applied("receipts").outputs == {
        "bucket": BUCKET,
        "arn": f"arn:aws:s3:::{BUCKET}",
        "region": "us-east-1",
    }
    assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]} == {
        "ManagedBy": "infrautomater",
        "RequestId": "dev.s3.receipts",
        "TeamId": "payments",
        "Stage": "dev",
    }

    cloud.bring({PATH: None})

    assert isinstance(cloud.outcome("receipts"), Destroyed)
    assert buckets(s3) == []


@pytest.mark.edge
@pytest.mark.aws
@pytest.mark.timeout(900)
def test_a_bucket_is_changed_in_place_and_left_alone_and_never_emptied(cloud, s3):
    cloud.bring({PATH: ask()})
    with without_policy(s3):
        s3.put_object(Bucket=BUCKET, Key="receipt", Body=b"42")

    cloud.bring({PATH: ask(versioning="false", noncurrent_days=30)})
    assert cloud.applied("receipts")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Suspended"
    rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert {rule["ID"] for rule in rules} == {"unfinished-uploads", "expire-former-versions"}

    cloud.touch(MAIN)
    assert cloud.applied("receipts").changed == 0

    number = cloud.bring({PATH: None})
    failed = cloud.outcome("receipts")
    assert failed.cause is Cause.NOT_EMPTY
    assert "Empty it, versions too, then retry" in failed.next_step
    assert "The bucket still holds objects" in cloud.result(number)
    assert "The bucket still holds objects" in cloud.github.comment(number, "notice")
    assert buckets(s3) == [BUCKET]

    (version,) = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    s3.delete_object(Bucket=BUCKET, Key="receipt", VersionId=version["VersionId"])
    cloud.resolve(cloud.last("receipts").id, Retry("ann"))
    assert isinstance(cloud.outcome("receipts"), Destroyed)
    assert buckets(s3) == []


@pytest.mark.edge
@pytest.mark.aws
@pytest.mark.timeout(600)
def test_a_name_that_is_taken_says_so_and_the_other_bucket_is_left_alone(cloud, s3):
    s3.create_bucket(Bucket=BUCKET)

    number = cloud.open({PATH: ask()})
    cloud.merge(number)
    cloud.work()

    failed = cloud.outcome("receipts")
    assert failed.cause is Cause.NAME_TAKEN
    assert "Choose another name with a new pull request" in failed.next_step
    assert failed.advice and failed.advice in cloud.result(number)
    assert buckets(s3) == [BUCKET]


@pytest.mark.edge
@pytest.mark.aws
@pytest.mark.timeout(600)
def test_a_bucket_is_public_only_where_the_environment_allows_it_and_then_for_reading_alone(cloud, s3):
    refused = cloud.pull({PATH: ask(public=True)})
    cloud.work()
    assert "`dev` does not allow `public: true`" in cloud.plan_comment(refused)

    dev = "terraform/environments/dev.yaml"
    text = cloud.git.trees[cloud.git.remote][dev].content
    cloud.commit({dev: text.replace(b"values:\n", b"values:\n  allow_public_buckets: true\n")})
    cloud.reconcile()
    cloud.bring({PATH: ask(public=True)})

    assert cloud.applied("receipts")
    block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert block["BlockPublicAcls"] and not block["BlockPublicPolicy"]
    policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    assert '"s3:GetObject"' in policy and "s3:PutObject" not in policy and "s3:ListBucket" not in policy

    cloud.bring({PATH: ask()})
    assert "AnybodyReads" not in s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
