"""Storage that speaks S3, Amazon's or anybody's: objects put, read in parts, asked about and deleted.

Buckets are addressed by path; who may do what is proved by a signature over each request (Signature Version 4)."""
