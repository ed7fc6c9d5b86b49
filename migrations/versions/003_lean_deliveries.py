"""Fewer index entries for each message that goes out: those nothing needs, and those every change of state wrote."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "003_lean_deliveries"
down_revision = "002_dead_letter_staff_list"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Change the indexes; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """The indexes of before."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
