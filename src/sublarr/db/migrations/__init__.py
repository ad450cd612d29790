"""Alembic's part: one line of revisions. Imported only when a database is upgraded."""
