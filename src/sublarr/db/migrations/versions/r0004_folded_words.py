"""Full text without case and accents: documents are folded by the program, which triggers tell what changed.

Every entry is noted, and `schema.upgrade` makes its document before it commits.
The statements are kept as SQL per dialect, beside this file, with blank lines between them.

Revision ID: 0004
Revises: 0003
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the documents and their index anew, for folded words."""
    _run("upgrade")


def downgrade() -> None:
    """Go back to documents that are kept by triggers alone, and fill them."""
    _run("downgrade")


def _run(direction: str) -> None:
    dialect = op.get_bind().dialect.name
    script = Path(__file__).with_name(f"0004_{direction}_{dialect}.sql").read_text("utf-8")
    for statement in script.split("\n\n"):
        # Only psycopg reads a meaning into a percent sign.
        op.get_bind().exec_driver_sql(statement if dialect == "sqlite" else statement.replace("%", "%%"))
