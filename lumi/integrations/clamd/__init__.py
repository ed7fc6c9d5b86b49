"""ClamAV's daemon: bytes are sent to it over TCP or a socket, and it says what it found in them.

Nothing of ours is known to it: neither names nor whose the bytes are."""
