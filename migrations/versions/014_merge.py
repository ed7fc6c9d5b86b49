"""Two threads of one person become one: the pointer of the one that was closed, and what the other has to ask."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "014_merge"
down_revision = "013_attachments"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make the columns; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Threads that were closed are threads like others again, with what they kept."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
