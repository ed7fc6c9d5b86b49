### What the assistant says by itself. Polite form, warm and short; no markup: it is also read on a phone's chat.

## Opening and closing

# $organisation: the name of the organisation that answers
assistant-greeting = Olá! Sou o assistente automático que responde por { $organisation }. Como posso ajudar?
assistant-greeting-again = Olá de novo! Em que posso ajudar?
assistant-thanks = De nada! Se precisar de mais alguma coisa, é só escrever.
assistant-goodbye = Até breve e tudo de bom! Pode escrever aqui quando quiser.

## A person instead of the assistant

# What a guest writes to be put through; the assistant must understand exactly this.
assistant-human-phrase = falar com uma pessoa
assistant-human-requested = Com certeza. Já avisei uma pessoa da organização, que vai responder por aqui.
assistant-human-already = Já sabem que deseja falar com uma pessoa e vão responder por aqui.

## When there is no answer

assistant-unknown = Não sei isso com certeza e prefiro não adivinhar. Anotei a sua pergunta para quem possa responder. Para falar com alguém, escreva “{ assistant-human-phrase }”.
assistant-rephrase = Não entendi bem. Poderia escrever a sua pergunta com palavras?

# $kind: what came instead of text: voice, image, video, document, location or other
assistant-unreadable =
    { $kind ->
        [voice] Ainda não consigo ouvir mensagens de voz.
        [image] Ainda não consigo ver imagens.
        [video] Ainda não consigo ver vídeos.
        [document] Ainda não consigo abrir documentos.
        [location] Ainda não consigo ler localizações.
       *[other] Ainda não consigo ler este tipo de mensagem.
    } Poderia escrever o que deseja em poucas palavras?
assistant-unheard =
    { $why ->
        [nobody_hears] Aqui não consigo ouvir mensagens de voz.
        [too_long] A sua mensagem de voz é longa demais para eu ouvir.
       *[other] Não consegui entender a sua mensagem de voz.
    } Já avisei uma pessoa da organização, que vai ouvi-la. Também pode escrever para mim.
assistant-file-not-had =
    { $why ->
        [malware] A nossa verificação encontrou algo nocivo no seu ficheiro, por isso foi removido.
        [too_large] O seu ficheiro é grande demais para ser aceite.
        [type] Não posso aceitar este tipo de ficheiro.
       *[other] Não consegui abrir o seu ficheiro.
    } Já avisei uma pessoa da organização, que vai responder por aqui.
assistant-failed = Pedimos desculpa, houve um problema do nosso lado. Uma pessoa já foi avisada e vai responder.

## What the answer stands on

# $title: the title of the document the answer comes from
assistant-source = Fonte: { $title }

# $language: the name of the language the quoted text is written in
assistant-quoted = O que se segue é uma citação em { $language }:
