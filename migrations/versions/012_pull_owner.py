"""Who reads an account is known by its worker, so that it is free again as soon as that worker is dead."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "012_pull_owner"
down_revision = "011_pulled"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Add the column; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Leases are over by their time alone."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
