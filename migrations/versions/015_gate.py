"""Why something is said, where it went on, and the texts a provider approved before."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "015_gate"
down_revision = "014_merge"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make room for all of it; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Nothing is known of templates and purposes."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
