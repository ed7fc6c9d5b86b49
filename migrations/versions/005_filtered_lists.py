"""The audit of one action and the dead letters of one source are found without reading the rest."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "005_filtered_lists"
down_revision = "004_retention"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Add the two indexes; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Take them away again."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
