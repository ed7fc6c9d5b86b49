### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = D’accordo: qui non riceverà più nostri messaggi. Per riprendere, scriva START.
channels-resumed = È un piacere ritrovarLa! Riceverà di nuovo i nostri messaggi.
