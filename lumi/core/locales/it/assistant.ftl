### What the assistant says by itself. Polite form, warm and short; no markup: it is also read on a phone's chat.

## Opening and closing

# $organisation: the name of the organisation that answers
assistant-greeting = Buongiorno! Sono l’assistente automatico di { $organisation }. Come posso aiutarLa?
assistant-greeting-again = Buongiorno di nuovo! Che cosa posso fare per Lei?
assistant-thanks = Prego! Se Le serve altro, mi scriva quando vuole.
assistant-goodbye = Arrivederci e a presto! Può scriverci qui in qualsiasi momento.

## A person instead of the assistant

# What a guest writes to be put through; the assistant must understand exactly this.
assistant-human-phrase = parlare con una persona
assistant-human-requested = Certamente. Ho avvisato una persona del team, che Le risponderà qui.
assistant-human-already = Il team sa già che desidera parlare con una persona e Le risponderà qui.

## When there is no answer

assistant-unknown = Non lo so con certezza e preferisco non tirare a indovinare. Ho annotato la Sua domanda per il team. Per parlare con qualcuno, scriva «{ assistant-human-phrase }».
assistant-rephrase = Non ho capito bene. Potrebbe scrivermi la Sua domanda a parole?

# $kind: what came instead of text: voice, image, video, document, location or other
assistant-unreadable =
    { $kind ->
        [voice] Non riesco ancora ad ascoltare i messaggi vocali.
        [image] Non riesco ancora a vedere le immagini.
        [video] Non riesco ancora a guardare i video.
        [document] Non riesco ancora ad aprire i documenti.
        [location] Non riesco ancora a leggere le posizioni.
       *[other] Non riesco ancora a leggere questo tipo di messaggio.
    } Potrebbe scrivermelo in poche parole?
assistant-unheard =
    { $why ->
        [nobody_hears] Qui non posso ascoltare i messaggi vocali.
        [too_long] Il Suo messaggio vocale è troppo lungo perché io lo ascolti.
       *[other] Non sono riuscito a capire il Suo messaggio vocale.
    } Ho avvisato una persona del team, che lo ascolterà. Può anche scrivermi.
assistant-file-not-had =
    { $why ->
        [malware] Il nostro controllo ha trovato qualcosa di dannoso nel Suo file, che è stato quindi eliminato.
        [too_large] Il Suo file è troppo grande per essere accettato.
        [type] Non posso accettare questo tipo di file.
       *[other] Non sono riuscito ad aprire il Suo file.
    } Ho avvisato una persona del team, che Le risponderà qui.
assistant-failed = Ci scusiamo, qualcosa è andato storto da parte nostra. Una persona del team è stata avvisata e Le risponderà.

## What the answer stands on

# $title: the title of the document the answer comes from
assistant-source = Fonte: { $title }

# $language: the name of the language the quoted text is written in
assistant-quoted = Quanto segue è una citazione in { $language }:
