"""What a provider says early or late."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "020_late_words"
down_revision = "019_staff_files"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Make room for it; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """What comes out of its time is lost."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
