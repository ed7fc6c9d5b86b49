"""Two furnished tenants, A and B: nothing of A is seen, changed, referenced or counted from B.

`world.py` furnishes them through the product's own operations; `whole.py` is the superuser's view that says what is
true. The checks of `tables.py` and `references.py` are functions over a connection, so that `test_broken.py` can show
on a copy of the schema that each of them finds what it is there for. A table, route, frame or cross-tenant function
that the suite does not know fails it.
"""
