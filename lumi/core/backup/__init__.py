"""A whole installation in one file, and back: the database, embedded or outside, and the files that belong to it.

`archive` is the file, `programs` finds PostgreSQL's own tools, `dumping` and `loading` are the database, `belongings`
the files of LUMI_HOME, `installation` puts them together: `save` and `restore` are the doors. Logs, the embedded
server's own folder and what the environment says are not part of it.
"""
