import os
from pathlib import Path

import pytest

from controller.core.environment import Mode
from controller.errors import SettingsError
from controller.settings import PREFIX, SECRETS, Settings, need, read_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """An environment in which nothing of ours is set."""
    for name in list(os.environ):
        if name.upper().startswith(PREFIX) or name.upper() in {"REDIS_URL", "DATABASE_URL"}:
            monkeypatch.delenv(name)


@pytest.fixture
def given(monkeypatch):
    def make(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return read_settings()

    return make


def test_with_nothing_set_everything_has_a_default(given):
    settings = given()
    assert settings.mode is Mode.APPLY
    assert settings.data == Path("~/.local/share/infrautomater").expanduser()
    assert settings.ledger_url == f"sqlite:///{settings.data}/ledger.sqlite"
    assert settings.redis_url == ""
    assert settings.pages_url == "http://127.0.0.1:8080"
    assert settings.threads >= 1


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("INFRAUTOMATER_PORT", "9000", "port", 9000),
        ("INFRAUTOMATER_MODE", "plan_only", "mode", Mode.PLAN_ONLY),
        ("INFRAUTOMATER_REPOSITORY", "acme/infra.repo", "repository", "acme/infra.repo"),
        ("INFRAUTOMATER_SINGLE_MACHINE", "true", "single_machine", True),
        ("INFRAUTOMATER_PORT", "", "port", 8080),
        ("INFRAUTOMATER_PROVIDER_MIRROR", "", "provider_mirror", None),
        ("INFRAUTOMATER_PROVIDER_MIRROR", "/m", "provider_mirror", Path("/m")),
        ("INFRAUTOMATER_PROVIDER_MIRROR", "~/m", "provider_mirror", Path("~/m").expanduser()),
        ("INFRAUTOMATER_PROVIDER_MIRROR", "m", "provider_mirror", Path("m").absolute()),
        ("INFRAUTOMATER_DATA", "here", "data", Path("here").absolute()),
        ("REDIS_URL", "redis://r", "redis_url", "redis://r"),
        ("INFRAUTOMATER_REDIS_URL", "redis://r", "redis_url", "redis://r"),
        ("DATABASE_URL", "postgresql://d", "database_url", "postgresql://d"),
        ("INFRAUTOMATER_DATABASE_URL", "postgresql://d", "database_url", "postgresql://d"),
    ],
)
def test_a_setting_is_read_from_the_environment(given, name, value, field, expected):
    assert getattr(given(**{name: value}), field) == expected


def test_our_own_name_wins_over_the_plain_one(given):
    assert given(REDIS_URL="redis://a", INFRAUTOMATER_REDIS_URL="redis://b").redis_url == "redis://b"


def test_an_argument_wins_over_the_environment(given, tmp_path):
    given(INFRAUTOMATER_PORT="9000", REDIS_URL="redis://a")
    settings = read_settings(port=9001, redis_url="redis://c", data=tmp_path)
    assert (settings.port, settings.redis_url, settings.data) == (9001, "redis://c", tmp_path)


def test_the_ledger_is_where_the_database_url_says(given):
    assert given(DATABASE_URL="postgresql://d").ledger_url == "postgresql://d"


def test_links_begin_with_the_public_url_without_its_slash(given):
    assert given(INFRAUTOMATER_PUBLIC_URL="https://pages.example/").pages_url == "https://pages.example"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("INFRAUTOMATER_PROT", "INFRAUTOMATER_PROT is not a setting. Did you mean `INFRAUTOMATER_PORT`?"),
        ("INFRAUTOMATER_GITHUB_TOKN", "Did you mean `INFRAUTOMATER_GITHUB_TOKEN`?"),
        ("INFRAUTOMATER_GITHUB_TOKEN_FIL", "Did you mean `INFRAUTOMATER_GITHUB_TOKEN_FILE`?"),
        ("INFRAUTOMATER_PORT_FILE", "INFRAUTOMATER_PORT_FILE is not a setting."),
        ("INFRAUTOMATER_", "INFRAUTOMATER_ is not a setting."),
        ("infrautomater_port", "infrautomater_port is not a setting. Did you mean `INFRAUTOMATER_PORT`?"),
    ],
)
def test_an_unknown_name_is_an_error_that_names_the_nearest(given, name, words):
    with pytest.raises(SettingsError) as caught:
        given(**{name: "1"})
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INFRAUTOMATER_PORT", "many"),
        ("INFRAUTOMATER_PORT", "70000"),
        ("INFRAUTOMATER_MODE", "dry"),
        ("INFRAUTOMATER_REPOSITORY", "acme"),
        ("INFRAUTOMATER_REPOSITORY", "acme/infra/more"),
        ("INFRAUTOMATER_LEASE", "0"),
        ("INFRAUTOMATER_THREADS", "0"),
        ("INFRAUTOMATER_LEASE", "nan"),
    ],
)
def test_a_value_that_does_not_fit_is_said_by_the_name_that_was_set(given, name, value):
    with pytest.raises(SettingsError, match=f"^{name}: "):
        given(**{name: value})


@pytest.mark.parametrize(
    "variables",
    [{"HEARTBEAT": "30"}, {"SILENCE": "5"}, {"LEASE": "15"}, {"SILENCE": "60", "LEASE": "60"}],
)
def test_terraform_is_stopped_after_a_heartbeat_was_missed_and_before_its_run_is_handed_on(given, variables):
    with pytest.raises(SettingsError) as caught:
        given(**{f"INFRAUTOMATER_{name}": value for name, value in variables.items()})
    said = str(caught.value)
    for name, default in (("HEARTBEAT", "5"), ("SILENCE", "20"), ("LEASE", "40")):
        assert f"INFRAUTOMATER_{name} ({variables.get(name, default)})" in said
    assert "each must be longer than the one before it" in said and "set the others too" in said


def test_other_heartbeats_are_fine_in_their_order(given):
    settings = given(INFRAUTOMATER_HEARTBEAT="0.4", INFRAUTOMATER_SILENCE="1.2", INFRAUTOMATER_LEASE="2")
    assert (settings.heartbeat, settings.silence, settings.lease) == (0.4, 1.2, 2.0)


def test_all_that_is_wrong_is_said_at_once(given):
    with pytest.raises(SettingsError, match=r"INFRAUTOMATER_PORT: .*; INFRAUTOMATER_THREADS: "):
        given(INFRAUTOMATER_PORT="x", INFRAUTOMATER_THREADS="y")


def test_an_unknown_argument_is_an_error():
    with pytest.raises(SettingsError, match="INFRAUTOMATER_PROT: "):
        read_settings(prot=1)


def test_webhook_secrets_are_separated_by_commas(given):
    secrets = given(INFRAUTOMATER_WEBHOOK_SECRETS="one, two,,").webhook_secrets
    assert [secret.get_secret_value() for secret in secrets] == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [("GITHUB_TOKEN", "t0ken\n", "t0ken"), ("PLAN_KEY", "k3y", "k3y"), ("PLAN_KEY", " k3y\r\n", "k3y")],
)
def test_a_secret_may_be_a_file(given, tmp_path, name, content, expected):
    file = tmp_path / "secret"
    file.write_text(content, encoding="utf-8")
    settings = given(**{f"INFRAUTOMATER_{name}_FILE": str(file)})
    assert getattr(settings, name.lower()).get_secret_value() == expected


def test_a_file_of_webhook_secrets_is_split_too(given, tmp_path):
    file = tmp_path / "secrets"
    file.write_text("one,two\n", encoding="utf-8")
    assert len(given(INFRAUTOMATER_WEBHOOK_SECRETS_FILE=str(file)).webhook_secrets) == 2


def test_a_file_wins_over_the_variable_beside_it(given, tmp_path):
    file = tmp_path / "secret"
    file.write_text("from-file", encoding="utf-8")
    settings = given(INFRAUTOMATER_GITHUB_TOKEN="from-env", INFRAUTOMATER_GITHUB_TOKEN_FILE=str(file))
    assert settings.github_token.get_secret_value() == "from-file"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_secrets_file_that_cannot_be_read_is_said(given, tmp_path, content):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match="a secret's file cannot be read"):
        given(INFRAUTOMATER_GITHUB_TOKEN_FILE=str(file))


def test_no_secret_is_ever_printed(given):
    settings = given(
        INFRAUTOMATER_GITHUB_TOKEN="s3cret-1",
        INFRAUTOMATER_WEBHOOK_SECRETS="s3cret-2,s3cret-3",
        INFRAUTOMATER_PLAN_KEY="s3cret-4",
        REDIS_URL="redis://:s3cret-5@host",
        DATABASE_URL="postgresql://u:s3cret-6@host/db",
    )
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings)


def test_an_error_about_another_setting_prints_no_secret(given):
    with pytest.raises(SettingsError) as caught:
        given(INFRAUTOMATER_GITHUB_TOKEN="s3cret", REDIS_URL="redis://:s3cret@host", INFRAUTOMATER_PORT="x")
    assert "s3cret" not in str(caught.value)


def test_every_secret_can_be_a_file():
    kept = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert kept == SECRETS


def test_every_setting_is_described():
    assert all(
        field.description and field.description.endswith(".") for field in Settings.model_fields.values()
    )


def test_what_is_needed_must_be_set(given):
    settings = given(INFRAUTOMATER_REPOSITORY="acme/infra")
    need(settings, "repository")
    app = r"\(or INFRAUTOMATER_GITHUB_APP_ID and INFRAUTOMATER_GITHUB_APP_KEY\)"
    said = f"INFRAUTOMATER_GITHUB_TOKEN {app} and INFRAUTOMATER_WEBHOOK_SECRETS must be set"
    with pytest.raises(SettingsError, match=said):
        need(settings, "repository", "github_token", "webhook_secrets")


def test_settings_do_not_change_once_they_are_read(given):
    with pytest.raises(ValueError, match="frozen"):
        given().port = 1


def test_a_github_app_does_as_well_as_a_token(given):
    settings = given(
        INFRAUTOMATER_GITHUB_APP_ID="12", INFRAUTOMATER_GITHUB_APP_KEY="-----BEGIN\\nKEY\\nEND-----"
    )
    need(settings, "github_token")
    assert settings.github_app_key.get_secret_value() == "-----BEGIN\nKEY\nEND-----"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["GITHUB_APP_ID"], "needs both INFRAUTOMATER_GITHUB_APP_ID and INFRAUTOMATER_GITHUB_APP_KEY"),
        (["GITHUB_APP_KEY"], "needs both"),
        (["GITHUB_APP_ID", "GITHUB_APP_KEY", "GITHUB_TOKEN"], "give one of them"),
    ],
)
def test_half_an_app_and_two_accounts_are_mistakes(given, names, said):
    with pytest.raises(SettingsError, match=said):
        given(**{f"INFRAUTOMATER_{name}": "x" for name in names})


def test_white_space_around_a_token_is_no_part_of_it_and_within_it_a_mistake(given):
    assert given(INFRAUTOMATER_GITHUB_TOKEN="ghp_1\n").github_token.get_secret_value() == "ghp_1"
    with pytest.raises(SettingsError, match="a token is one word") as caught:
        given(INFRAUTOMATER_GITHUB_TOKEN="ghp_secret\nghp_2")
    assert "ghp_secret" not in f"{caught.value} {caught.value.__cause__!r}"
