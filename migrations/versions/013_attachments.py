"""What people send beside words: each file of a message, what became of it, and what was said in it."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "013_attachments"
down_revision = "012_pull_owner"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make the table, and let a recording that was heard enter its lane; may run twice."""
    run_script(op.get_bind(), (PARTS / "65_attachments.sql").read_text())


def downgrade() -> None:
    """Nothing is known of any attachment; files stay."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
