"""What Alembic runs: the migrations, on the connection and in the transaction it was handed."""

from alembic import context

from sublarr.db import models
from sublarr.db.base import Base
from sublarr.db.schema import VERSION_TABLE

__all__ = ["models"]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
