"""Files: what was uploaded or received, where it is kept, who may have it and for how long.

Owns the record of each file, its bytes (a folder, or an S3-compatible storage), the look for malware and the signed
links. It decides the type of a file by its bytes and refuses what contradicts itself, what could run (pages, drawings
with scripts, programs, macros), and to hand out what was not found clean while somebody looks.
"""
