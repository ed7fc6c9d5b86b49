### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = Understood: you will receive nothing more from us here. To resume, write START.
channels-resumed = Welcome back! You will receive our messages again.
