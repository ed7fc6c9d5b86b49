### What the assistant says by itself. Polite form, warm and short; no markup: it is also read on a phone's chat.

## Opening and closing

# $organisation: the name of the organisation that answers
assistant-greeting = Guten Tag! Ich bin der automatische Assistent von { $organisation }. Wie kann ich Ihnen helfen?
assistant-greeting-again = Schön, wieder von Ihnen zu lesen! Was kann ich für Sie tun?
assistant-thanks = Gern geschehen! Wenn Sie noch etwas wissen möchten, schreiben Sie mir einfach.
assistant-goodbye = Auf Wiedersehen und alles Gute! Sie können hier jederzeit wieder schreiben.

## A person instead of the assistant

# What a guest writes to be put through; the assistant must understand exactly this.
assistant-human-phrase = mit einem Menschen sprechen
assistant-human-requested = Gern. Ich habe dem Team Bescheid gegeben, jemand wird Ihnen hier antworten.
assistant-human-already = Das Team weiß bereits, dass Sie mit jemandem sprechen möchten, und wird Ihnen hier antworten.

## When there is no answer

assistant-unknown = Das weiß ich nicht sicher und möchte nicht raten. Ich habe Ihre Frage für das Team notiert. Wenn Sie mit jemandem sprechen möchten, schreiben Sie „{ assistant-human-phrase }“.
assistant-rephrase = Das habe ich leider nicht verstanden. Könnten Sie mir Ihre Frage in Worten schreiben?

# $kind: what came instead of text: voice, image, video, document, location or other
assistant-unreadable =
    { $kind ->
        [voice] Sprachnachrichten kann ich noch nicht anhören.
        [image] Bilder kann ich noch nicht ansehen.
        [video] Videos kann ich noch nicht ansehen.
        [document] Dokumente kann ich noch nicht öffnen.
        [location] Standorte kann ich noch nicht lesen.
       *[other] Diese Art von Nachricht kann ich noch nicht lesen.
    } Könnten Sie es mir in wenigen Worten schreiben?
assistant-unheard =
    { $why ->
        [nobody_hears] Sprachnachrichten kann ich hier nicht anhören.
        [too_long] Ihre Sprachnachricht ist zu lang, als dass ich sie anhören könnte.
       *[other] Ich konnte Ihre Sprachnachricht nicht verstehen.
    } Ich habe dem Team Bescheid gegeben, jemand wird sie sich anhören. Sie können mir auch schreiben.
assistant-file-not-had =
    { $why ->
        [malware] Unsere Prüfung hat in Ihrer Datei etwas Schädliches gefunden, sie wurde daher entfernt.
        [too_large] Ihre Datei ist zu groß, ich kann sie nicht annehmen.
        [type] Dateien dieser Art kann ich nicht annehmen.
       *[other] Ich konnte Ihre Datei nicht öffnen.
    } Ich habe dem Team Bescheid gegeben, jemand wird Ihnen hier antworten.
assistant-failed = Entschuldigung, bei uns ist etwas schiefgegangen. Das Team weiß Bescheid und meldet sich bei Ihnen.

## What the answer stands on

# $title: the title of the document the answer comes from
assistant-source = Quelle: { $title }

# $language: the name of the language the quoted text is written in
assistant-quoted = Das Folgende ist ein Zitat auf { $language }:
