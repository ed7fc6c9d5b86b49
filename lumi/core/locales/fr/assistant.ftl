### What the assistant says by itself. Polite form, warm and short; no markup: it is also read on a phone's chat.

## Opening and closing

# $organisation: the name of the organisation that answers
assistant-greeting = Bonjour ! Je suis l’assistant automatique qui répond pour { $organisation }. Comment puis-je vous aider ?
assistant-greeting-again = Rebonjour ! Que puis-je faire pour vous ?
assistant-thanks = Avec plaisir ! Si vous avez une autre question, écrivez-moi.
assistant-goodbye = Au revoir et à bientôt ! Vous pouvez écrire ici à tout moment.

## A person instead of the assistant

# What a guest writes to be put through; the assistant must understand exactly this.
assistant-human-phrase = parler à une personne
assistant-human-requested = Bien sûr. J’ai prévenu une personne de l’équipe, qui vous répondra ici.
assistant-human-already = L’équipe sait déjà que vous souhaitez parler à une personne. Elle vous répondra ici.

## When there is no answer

assistant-unknown = Je ne le sais pas avec certitude et je préfère ne pas deviner. J’ai noté votre question pour l’équipe. Pour parler à quelqu’un, écrivez « { assistant-human-phrase } ».
assistant-rephrase = Je n’ai pas bien compris. Pourriez-vous m’écrire votre question avec des mots ?

# $kind: what came instead of text: voice, image, video, document, location or other
assistant-unreadable =
    { $kind ->
        [voice] Je ne peux pas encore écouter les messages vocaux.
        [image] Je ne peux pas encore voir les images.
        [video] Je ne peux pas encore regarder les vidéos.
        [document] Je ne peux pas encore ouvrir les documents.
        [location] Je ne peux pas encore lire les positions.
       *[other] Je ne peux pas encore lire ce genre de message.
    } Pourriez-vous me l’écrire en quelques mots ?
assistant-unheard =
    { $why ->
        [nobody_hears] Je ne peux pas écouter les messages vocaux ici.
        [too_long] Votre message vocal est trop long pour que je l’écoute.
       *[other] Je n’ai pas réussi à comprendre votre message vocal.
    } J’ai prévenu une personne de l’équipe, qui l’écoutera. Vous pouvez aussi m’écrire.
assistant-file-not-had =
    { $why ->
        [malware] Notre contrôle a trouvé un élément dangereux dans votre fichier, il a donc été supprimé.
        [too_large] Votre fichier est trop volumineux pour être accepté.
        [type] Je ne peux pas accepter ce type de fichier.
       *[other] Je n’ai pas pu ouvrir votre fichier.
    } J’ai prévenu une personne de l’équipe, qui vous répondra ici.
assistant-failed = Toutes nos excuses, un problème est survenu de notre côté. Une personne de l’équipe a été prévenue et vous répondra.

## What the answer stands on

# $title: the title of the document the answer comes from
assistant-source = Source : { $title }

# $language: the name of the language the quoted text is written in
assistant-quoted = Ce qui suit est cité en { $language } :
