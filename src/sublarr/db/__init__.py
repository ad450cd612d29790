"""The data layer: engines, units of work, repositories, models and migrations.

Everything above asks a `Database` for a unit of work and a unit for its repositories; nobody above writes
SQL or sees a driver. One SQLite file or a PostgreSQL server, the same code. It knows nothing of files,
networks, pages or jobs' meaning; metrics and logs are handed to it as observers.
"""
