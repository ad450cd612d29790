"""The whole program as a process, and clients cheap enough that the server is what is measured."""
