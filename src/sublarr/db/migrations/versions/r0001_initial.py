"""The whole schema as it stood when it was frozen.

The statements are kept as SQL per dialect, beside this file: a frozen revision must not follow the models.

Revision ID: 0001
Revises:
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table and index."""
    script = Path(__file__).with_name(f"0001_{op.get_bind().dialect.name}.sql").read_text("utf-8")
    for statement in script.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    """There is nothing before the first revision to go back to."""
    raise NotImplementedError("before the first revision there is no schema: restore a backup instead")
