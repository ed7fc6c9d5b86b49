"""The assistant: understands what a person wrote, decides what to say, and takes the turns of a thread.

Owns the turn record and the order of its phases. What it says about the world comes from knowledge it can name,
or it says that it does not know. It refuses to speak while a person of the organisation holds the thread.
"""
