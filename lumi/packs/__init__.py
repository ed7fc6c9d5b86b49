"""The products, each on the modules and never on another product. None is in this release yet."""
