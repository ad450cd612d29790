"""Full text over titles and file names: a view, triggers and an index, filled from the rows that are there.

The statements are kept as SQL per dialect, beside this file, with blank lines between them.

Revision ID: 0002
Revises: 0001
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what finds entries by words, and fill it."""
    _run("upgrade")


def downgrade() -> None:
    """Take it away; the documents go too, as nothing keeps them right any more."""
    _run("downgrade")


def _run(direction: str) -> None:
    dialect = op.get_bind().dialect.name
    script = Path(__file__).with_name(f"0002_{direction}_{dialect}.sql").read_text("utf-8")
    for statement in script.split("\n\n"):
        # Only psycopg reads a meaning into a percent sign.
        op.get_bind().exec_driver_sql(statement if dialect == "sqlite" else statement.replace("%", "%%"))
