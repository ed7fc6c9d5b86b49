"""What the owner of an account sees of it: its traffic, its alerts, its token, its last failure."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "010_owner"
down_revision = "009_widget_users"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make the tables, and the columns that say how an account is; may run twice."""
    run_script(op.get_bind(), (PARTS / "50_watch.sql").read_text())


def downgrade() -> None:
    """Nobody counts and nobody is told."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
