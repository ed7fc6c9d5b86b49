"""Dead letters that staff list, close and send again; what belongs to a tenant goes with it; one number, one tenant."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "002_dead_letter_staff_list"
down_revision = "001_initial_squashed"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Add what is missing; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Back to the first house; letters that belong to nobody go, nothing else does."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
