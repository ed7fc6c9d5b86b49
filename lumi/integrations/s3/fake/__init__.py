"""A twin of S3: one bucket in memory, which checks signatures, digests and clocks, and fails as its original does."""
