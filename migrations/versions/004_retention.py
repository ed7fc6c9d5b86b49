"""What an organisation's audit says of times long past may be forgotten, where the installation says so."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "004_retention"
down_revision = "003_lean_deliveries"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Let the one function that forgets see what it is bound to; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """The audit is for ever."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
