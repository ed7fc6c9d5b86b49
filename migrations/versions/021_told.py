"""Owners are told of accounts that cannot be read, and processes of a newer protocol."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "021_told"
down_revision = "020_late_words"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Let both be written down; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Alerts of it are lost, and what newer processes announced."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
