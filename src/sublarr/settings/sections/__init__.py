"""The settings themselves, in sections; a field's name is the environment's name in lower case.

`process` holds what the program is made of, `catalogue` what it knows of, `fetching` how subtitles come.
"""
