"""Knowledge: what an organisation knows, in its own words, and how it is found.

Owns documents and FAQ entries in versions, their sections (what an answer quotes and cites), the index over
them, and the list of questions nothing answered. It finds by the words of eight languages and by the concepts
they name; it refuses to compose, translate or guess: an answer is a section as it was written, or none.
"""
