"""The same turn as most people would build it: what Lumi's line is measured against.

FastAPI with pydantic bodies, SQLAlchemy's ORM, procrastinate with a lock per conversation, httpx2 to the provider.
Written as the documentation of each part recommends and tuned where it names a knob:

- one transaction per webhook: the event (unique by the provider's id) and its job commit together, the job being
  deferred on the session's own connection (procrastinate: "Using an external database connection");
- psycopg with its C extension; pools of connections that stay open, one httpx2 client for the process;
- one round trip fewer wherever the ORM offers it: `returning`, joined loading, bulk inserts, no refresh on commit;
- a worker with many jobs at once, woken by LISTEN/NOTIFY, finished jobs deleted at once;
- uvloop in both processes, httptools in the web one, no access log, no log lines of jobs;
- the provider's account, which never changes here, is read once.

"Sped up" goes beyond the documentation: procrastinate is handed a pool that does not check a connection before each
use, and aiohttp takes httpx2's place. Few would build it so; it shows how much of the distance is in these two.

It commits what Lumi commits: the event, both rows of the ledger, the delivery before the post and after it, the
record of the turn. It promises less: a send cut off by a crash is posted again, an answer overtaken by a newer
message is sent all the same, tenants are told apart by the code alone.
"""
