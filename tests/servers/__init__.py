"""Real servers for tests: PostgreSQL, Redis and a browser, started from wheels and ended whatever happens.

A server belongs to one test process (one xdist worker). It is the child of a guard process, which ends it and
removes its folder as soon as the test process is gone, be it by Ctrl-C or by SIGKILL.
"""
