"""Files that staff send: attachments of a message of ours."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "019_staff_files"
down_revision = "018_receipts_counted"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Let an attachment be of what we say; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Of what staff sent nothing is known; the files stay."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
