### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = Certo: não vai receber mais mensagens nossas por aqui. Para voltar a receber, escreva START.
channels-resumed = Que bom ter notícias suas! Vai voltar a receber as nossas mensagens.
