"""What people may write into the things they edit: one file per entity, one set of rules for every door.

The repositories take nothing else, so that the API, the terminal, an import and the adoption of an old
database are all held to them. Pydantic reads each rule when it is first used; a process that edits nothing
pays nothing. `rule` makes a class one, `problems_of` and `repair` are for what was stored by others.
"""
