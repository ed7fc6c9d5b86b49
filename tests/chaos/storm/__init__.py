"""The storm: the whole of Lumi as real processes, killed again and again while people write on three channels.

    python -m tests.chaos.storm --messages 2000 --kills 100

Nothing is counted by those who are killed: a process of its own reads what the twins took first, and our tables
second. `--broken` runs a build that is wrong on purpose, which the count has to catch.
"""
