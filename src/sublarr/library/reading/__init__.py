"""Reading media files in child processes.

A container is parsed by libavformat, which meets every broken and hostile file in the world. So it is
never loaded into Sublarr itself: `pool` starts children (`child`) that are confined, replaced after a number of
files and gone when nothing is to be read, and speaks to them in JSON lines (`messages`) over pipes (`process`).
`probing` lists a container's tracks and `demuxing` takes text tracks out of it; only the child imports these two.
Names are parsed in the children too, because that is the slow half of a first scan. What is read is stored by the
library's use cases, not here.
"""
