### What the assistant says by itself. Polite form, warm and short; no markup: it is also read on a phone's chat.

## Opening and closing

# $organisation: the name of the organisation that answers
assistant-greeting = Hello! I’m the automatic assistant of { $organisation }. How can I help you?
assistant-greeting-again = Hello again! What can I do for you?
assistant-thanks = You’re welcome! If anything else comes up, just write to me.
assistant-goodbye = Goodbye and take care! You can write here any time.

## A person instead of the assistant

# What a guest writes to be put through; the assistant must understand exactly this.
assistant-human-phrase = speak to a person
assistant-human-requested = Of course. I have told someone on the team, and they will answer you here.
assistant-human-already = The team already knows that you would like to speak to someone. They will answer you here.

## When there is no answer

assistant-unknown = I don’t know that for certain, and I would rather not guess. I have noted your question for the team. To speak to someone, write “{ assistant-human-phrase }”.
assistant-rephrase = I’m afraid I didn’t understand that. Could you put your question into words?

# $kind: what came instead of text: voice, image, video, document, location or other
assistant-unreadable =
    { $kind ->
        [voice] I can’t listen to voice messages yet.
        [image] I can’t look at pictures yet.
        [video] I can’t watch videos yet.
        [document] I can’t open documents yet.
        [location] I can’t read locations yet.
       *[other] I can’t read this kind of message yet.
    } Could you write it to me in a few words?
assistant-unheard =
    { $why ->
        [nobody_hears] I can’t listen to voice messages here.
        [too_long] Your voice message is too long for me to listen to.
       *[other] I couldn’t make out your voice message.
    } I have told someone on the team, who will listen to it. You can also write to me.
assistant-file-not-had =
    { $why ->
        [malware] Our check found something harmful in your file, so it was removed.
        [too_large] Your file is too large for me to accept.
        [type] I can’t accept this type of file.
       *[other] I couldn’t open your file.
    } I have told someone on the team, and they will answer you here.
assistant-failed = Sorry, something went wrong on our side. Someone on the team has been told and will get back to you.

## What the answer stands on

# $title: the title of the document the answer comes from
assistant-source = Source: { $title }

# $language: the name of the language the quoted text is written in
assistant-quoted = The following is quoted in { $language }:
