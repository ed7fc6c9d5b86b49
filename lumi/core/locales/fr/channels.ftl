### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = C’est noté : vous ne recevrez plus rien de notre part ici. Pour reprendre, écrivez START.
channels-resumed = Ravis de vous retrouver ! Vous recevrez de nouveau nos messages.
