"""Full text over titles and file names: a view, triggers and an index, filled from the rows that are there.

The statements are kept as SQL per dialect, beside this file, with blank lines between them.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from sublarr.db.migrations.scripts import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what finds entries by words, and fill it."""
    run_script(op.get_bind(), revision, "upgrade")


def downgrade() -> None:
    """Take it away; the documents go too, as nothing keeps them right any more."""
    run_script(op.get_bind(), revision, "downgrade")
