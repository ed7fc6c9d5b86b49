"""Alembic's entry: the typed commands and `lumi migrate` come through here alike."""

import asyncio
from importlib import import_module

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection

from lumi.core import migrate
from lumi.core.db import Base


def import_models() -> None:
    """Make every table known to SQLAlchemy, for `check` and `revision` to compare."""
    import_module("lumi.core.audit")
    import_module("lumi.core.tables")
    for file in sorted((migrate.ROOT / "lumi").glob("*/*/models.py")):
        import_module(".".join(file.relative_to(migrate.ROOT).with_suffix("").parts))


def run(connection: Connection) -> None:
    """Run the asked revisions on this connection, in one transaction a revision."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        include_object=migrate.is_modelled,
        compare_type=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    except CommandError as error:
        # `downgrade -1` may be typed twice: at the beginning there is nothing left to take back
        if "Relative revision" not in str(error) or context.get_context().get_current_heads():
            raise


if context.is_offline_mode():
    raise SystemExit("Lumi's migrations need a database; there is no offline mode.")

given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    import_models()
    asyncio.run(migrate.with_owner_connection(run))
