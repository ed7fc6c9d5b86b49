### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = Хорошо, мы больше не будем присылать вам сообщения сюда. Чтобы возобновить их, напишите START.
channels-resumed = Рады, что вы снова с нами! Вы опять будете получать наши сообщения.
