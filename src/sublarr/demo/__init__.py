"""A sample library of small real media files, for people without one at hand and for tests.

It invents titles and dialogue, and lets ffmpeg make and mux them. It knows nothing of the catalogue: whoever
calls it hands the folders it reports to the library room, which treats them as any others.
"""
