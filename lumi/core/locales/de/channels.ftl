### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = In Ordnung, Sie erhalten hier keine Nachrichten mehr von uns. Möchten Sie wieder welche bekommen, schreiben Sie START.
channels-resumed = Schön, dass Sie wieder da sind! Sie erhalten unsere Nachrichten wieder.
