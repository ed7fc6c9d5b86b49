"""Any mailbox: what came in is read over IMAP, what goes out is handed over by SMTP, and a twin plays both servers.

Mails are bytes here; what is in them is read and written elsewhere. Holds nothing between calls: what was read before
and when to connect again is decided elsewhere."""
