"""Every channel from end to end: its provider's twin posts over HTTP, the worker answers at the twin."""
