"""Counters kept by triggers, and an index for every list and look-up that had none.

The statements are kept as SQL per dialect, beside this file, with blank lines between them.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from sublarr.db.migrations.scripts import run_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make counters and indexes, and count the rows that are there."""
    run_script(op.get_bind(), revision, "upgrade")


def downgrade() -> None:
    """Have the indexes as they were, and nothing counted."""
    run_script(op.get_bind(), revision, "downgrade")
