"""Files that were uploaded or received: what is known of each, and where its bytes are."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "008_files"
down_revision = "007_channels"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make the table, and let the roles every tenant begins with read and write files; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Nothing is known of any file."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
