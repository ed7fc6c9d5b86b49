"""What of an hour arrived and was read."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "018_receipts_counted"
down_revision = "017_attitudes"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make room for it; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """What was sent is counted, and no more."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
