"""Full text without case and accents: documents are folded by the program, which triggers tell what changed.

Every entry is noted, and `schema.upgrade` makes its document before it commits.
The statements are kept as SQL per dialect, beside this file, with blank lines between them.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from sublarr.db.migrations.scripts import run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the documents and their index anew, for folded words."""
    run_script(op.get_bind(), revision, "upgrade")


def downgrade() -> None:
    """Go back to documents that are kept by triggers alone, and fill them."""
    run_script(op.get_bind(), revision, "downgrade")
