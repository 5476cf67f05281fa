"""Alembic's environment: the connection, and the transaction, are the caller's."""

from alembic import context

from controller.edge.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
