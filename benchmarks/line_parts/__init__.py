"""What `benchmarks.line` is made of: the ground both builds stand on, their processes, the load, the figures."""
