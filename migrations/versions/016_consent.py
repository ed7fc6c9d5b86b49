"""What people agreed to, and took back."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "016_consent"
down_revision = "015_gate"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make room for consents; may run twice."""
    run_script(op.get_bind(), (PARTS / "30_contacts.sql").read_text())


def downgrade() -> None:
    """Nobody has agreed to anything."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
