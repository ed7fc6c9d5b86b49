"""The dead letters that nobody has dealt with can be counted over all tenants."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "006_open_letters"
down_revision = "005_filtered_lists"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Let them be counted; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Nobody sees more than one tenant again."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
