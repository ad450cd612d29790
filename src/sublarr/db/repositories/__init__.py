"""One repository per aggregate, which holds every query of it.

Repositories never commit and never return dicts: frozen rows in lists, entities where they are edited.
Verbs: `get` raises `NotFound`, `find` answers None, `page`, `stream`, `add`, `upsert_many`, `update`, `delete`.
"""
