"""Who wants nothing that nobody asked for, and whom nothing reaches, as their provider says."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "017_attitudes"
down_revision = "016_consent"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make room for both; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Neither is known."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
