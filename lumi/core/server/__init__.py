"""The embedded PostgreSQL: one server for each LUMI_HOME, kept by one small supervisor process for as long
as any client holds its lock. Every command may start it and none owns it. `attach.hold` is the door; it
refuses Windows, where DATABASE_URL has to name a server."""
