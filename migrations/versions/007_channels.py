"""Room for every channel; edits, deletions and what people write in a provider's own app."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "007_channels"
down_revision = "006_open_letters"
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Widen what is closed; may run twice."""
    run_script(op.get_bind(), (PARTS / "up.sql").read_text())


def downgrade() -> None:
    """Back to three channels; what belongs to the others goes, nothing else does."""
    run_script(op.get_bind(), (PARTS / "down.sql").read_text())
