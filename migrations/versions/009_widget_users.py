"""People who are signed in at the page around the widget."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "009_widget_users"
down_revision = "008_files"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """One more kind of address; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Users are nobody again: their addresses go, they and what was said stay."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
