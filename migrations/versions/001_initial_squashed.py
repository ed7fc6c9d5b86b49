"""The first house: every table with its policy, module by module, in the folder beside this file."""

from pathlib import Path

from alembic import op

from lumi.core.migrate import run_script

revision = "001_initial_squashed"
down_revision = None
branch_labels = None
depends_on = None

PARTS = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Run the parts in the order of their numbers."""
    for part in sorted(PARTS.glob("*.sql")):
        run_script(op.get_bind(), part.read_text())


def downgrade() -> None:
    """Back to an empty database; the roles stay, others may use them."""
    run_script(op.get_bind(), (PARTS / "down" / "everything.sql").read_text())
