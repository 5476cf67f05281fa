"""A GitHub App as our account, against a GitHub whose every answer is written here."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from controller.edge.github import AppInstallation, GitHubRest
from controller.errors import GitHubError, GitHubRefused, SettingsError

pytestmark = pytest.mark.edge

REPO = "/repos/acme/infrastructure"
INSTALLATION, TOKENS = f"{REPO}/installation", "/app/installations/7/access_tokens"


@pytest.fixture(scope="session")
def key():
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture
def app(script, key):
    script.on("GET", INSTALLATION, (200, {"id": 7}))
    script.on("GET", "/app", (200, {"slug": "infra"}))
    return AppInstallation(("12", key), "acme/infrastructure", script.url)


def minted(token, minutes):
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    return 201, {"token": token, "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}


def asked_as(script):
    """Who asked for the repository, in turn."""
    pairs = zip(script.asked, script.headers, strict=True)
    return [headers["Authorization"] for (_, path), headers in pairs if path == REPO]


def test_a_token_is_made_once_and_for_our_repository_alone(script, app, key):
    script.on("POST", TOKENS, minted("ghs_1", 60))
    assert [app.token, app.token] == ["ghs_1", "ghs_1"]
    assert script.asked == [("GET", INSTALLATION), ("POST", TOKENS)]
    assert script.bodies[-1] == {"repositories": ["infrastructure"]}
    scheme, signed = script.headers[0]["Authorization"].split()
    claims = jwt.decode(signed, key, ["RS256"], options={"verify_signature": False})
    assert (scheme, claims["iss"]) == ("Bearer", "12")
    assert claims["exp"] - claims["iat"] <= 600


def test_a_token_is_made_anew_five_minutes_before_it_ends(script, app):
    script.on("POST", TOKENS, minted("ghs_1", 4), minted("ghs_2", 60))
    assert [app.token, app.token, app.token] == ["ghs_1", "ghs_2", "ghs_2"]


def test_many_threads_share_one_token(script, app):
    script.on("POST", TOKENS, minted("ghs_1", 60))
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: app.token, range(40))) == {"ghs_1"}
    assert script.count("POST") == 1


def test_a_token_that_github_refuses_is_made_anew_once(script, app):
    script.on("POST", TOKENS, minted("ghs_1", 60), minted("ghs_2", 60))
    script.on("GET", REPO, (401, {"message": "Bad credentials"}), (200, {"default_branch": "main"}))
    github = GitHubRest(app, "acme/infrastructure", base_url=script.url, pause=0)
    assert github.default_branch() == "main"
    assert asked_as(script) == ["token ghs_1", "token ghs_2"]


def test_a_github_that_refuses_every_token_is_not_asked_for_ever(script, app):
    script.on("POST", TOKENS, minted("ghs_1", 60))
    script.on("GET", REPO, (401, {"message": "Bad credentials"}))
    github = GitHubRest(app, "acme/infrastructure", base_url=script.url, pause=0)
    with pytest.raises(GitHubError, match="401: Bad credentials"):
        github.default_branch()
    assert len(asked_as(script)) == 2


def test_what_is_not_installed_says_so_and_where(script, app):
    script.on("GET", INSTALLATION, (404, {"message": "Not Found"}))
    with pytest.raises(GitHubRefused, match="not installed on acme/infrastructure: its owner installs it"):
        _ = app.token


def test_a_key_of_another_app_is_told_in_github_s_words(script, app):
    script.on("GET", INSTALLATION, (401, {"message": "A JSON web token could not be decoded"}))
    with pytest.raises(GitHubError, match="A JSON web token could not be decoded"):
        GitHubRest(app, "acme/infrastructure", base_url=script.url, pause=0).default_branch()


def test_github_is_not_asked_before_a_token_is_wanted(script, app):
    GitHubRest(app, "acme/infrastructure", base_url=script.url)
    assert script.asked == []


def test_an_app_writes_in_the_name_of_its_bot(script, app):
    assert app.login == "infra[bot]"


def test_threads_that_are_refused_at_once_make_one_token(script, app):
    script.on("POST", TOKENS, minted("ghs_1", 60), minted("ghs_2", 60))
    all_asked = threading.Barrier(8, timeout=10)

    def refused_together():
        all_asked.wait()
        return 401, {"message": "Bad credentials"}

    script.on("GET", REPO, *[refused_together] * 8, (200, {"default_branch": "main"}))
    github = GitHubRest(app, "acme/infrastructure", base_url=script.url, pause=0)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: github.default_branch(), range(8))) == {"main"}
    assert script.count("POST") == 2


def pem(key, private, encryption):
    if not private:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ).decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: pem(rsa.generate_private_key(65537, 2048), False, None), "cannot be read"),
        (
            lambda: pem(
                rsa.generate_private_key(65537, 2048), True, serialization.BestAvailableEncryption(b"x")
            ),
            "encrypted",
        ),
        (
            lambda: pem(ec.generate_private_key(ec.SECP256R1()), True, serialization.NoEncryption()),
            "is no RSA key",
        ),
    ],
    ids=["public", "encrypted", "elliptic"],
)
def test_a_key_of_another_sort_says_what_is_wrong_with_it(wrong, said, script):
    with pytest.raises(SettingsError, match=said):
        AppInstallation(("12", wrong()), "acme/infrastructure", script.url)


@pytest.mark.parametrize(
    "wrong", ["no key", "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----"]
)
def test_a_key_that_is_none_is_told_at_once(wrong, script):
    with pytest.raises(SettingsError, match="private key cannot be read"):
        AppInstallation(("12", wrong), "acme/infrastructure", script.url)


def test_neither_key_nor_token_is_shown(script, app, key):
    script.on("POST", TOKENS, minted("ghs_secret", 60))
    assert app.token
    shown = repr(app) + str(vars(app))
    assert "ghs_secret" not in shown
    assert key.splitlines()[1] not in shown
