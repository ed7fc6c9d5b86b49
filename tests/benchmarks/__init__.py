"""The benchmarks: that they run, and that they count what they say."""
