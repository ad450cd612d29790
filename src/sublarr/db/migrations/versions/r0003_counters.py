"""Counters kept by triggers, and an index for every list and look-up that had none.

The statements are kept as SQL per dialect, beside this file, with blank lines between them.

Revision ID: 0003
Revises: 0002
"""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make counters and indexes, and count the rows that are there."""
    _run("upgrade")


def downgrade() -> None:
    """Have the indexes as they were, and nothing counted."""
    _run("downgrade")


def _run(direction: str) -> None:
    dialect = op.get_bind().dialect.name
    script = Path(__file__).with_name(f"0003_{direction}_{dialect}.sql").read_text("utf-8")
    for statement in script.split("\n\n"):
        # Only psycopg reads a meaning into a percent sign.
        op.get_bind().exec_driver_sql(statement if dialect == "sqlite" else statement.replace("%", "%%"))
