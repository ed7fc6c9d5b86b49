"""The use cases of tenants: the organisations themselves, and the names they are known by."""
