"""${message}"""

from collections.abc import Sequence

from alembic import op

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Expand first: what runs now must go on running. A new tenant table gets app.protect() right here."""


def downgrade() -> None:
    """The way back."""
