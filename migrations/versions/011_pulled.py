"""Accounts that are pulled: how far each was read."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "011_pulled"
down_revision = "010_owner"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make the table; may run twice."""
    run_script(op.get_bind(), (PARTS / "50_channels.sql").read_text())


def downgrade() -> None:
    """Nobody knows how far any account was read."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
