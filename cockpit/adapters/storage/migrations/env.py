"""Where alembic meets our connection: all steps of an upgrade in one transaction."""

from __future__ import annotations

from alembic import context

from cockpit.adapters.storage.tables import Base


def run_offline() -> None:
    """Print the statements instead of running them (`--sql`)."""
    context.configure(
        dialect_name="sqlite", target_metadata=Base.metadata, literal_binds=True, as_sql=True
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Upgrade the file that the store has open."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transactional_ddl=True,  # SQLite can, once the driver leaves BEGIN to us
        render_as_batch=True,  # SQLite alters a table by copying it
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
