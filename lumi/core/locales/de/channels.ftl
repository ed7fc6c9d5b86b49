### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = In Ordnung, Sie erhalten hier keine Nachrichten mehr von uns. Möchten Sie wieder welche bekommen, schreiben Sie START.
channels-resumed = Schön, dass Sie wieder da sind! Sie erhalten unsere Nachrichten wieder.
# On the button that opens a list of choices; at most 20 characters.
channels-choose = Auswählen

## Was mit einem Konto nicht stimmt, für das Team: was es ist und was zu tun ist

# $expected: wie viele Nachrichten in dieser Zeit üblich sind
channels-alert-silent = Es ist nichts angekommen, üblich { $expected ->
        [one] ist eine Nachricht
       *[other] sind etwa { $expected } Nachrichten
    }. Schreiben Sie dem Konto selbst; erscheint hier nichts, verbinden Sie es neu.
# $channel: der Name des Kanals; $days: ganze Tage, die bleiben
channels-alert-token-expiring =
    { $days ->
        [0] Der Zugang zu { $channel } endet innerhalb eines Tages.
        [one] Der Zugang zu { $channel } endet in einem Tag.
       *[other] Der Zugang zu { $channel } endet in { $days } Tagen.
    } Verbinden Sie das Konto mit einem neuen Token.
channels-alert-token-ended = Der Zugang zu { $channel } ist abgelaufen. Verbinden Sie das Konto mit einem neuen Token.
channels-alert-token-refused = { $channel } lehnt das Zugangstoken ab. Bis das Konto mit einem neuen verbunden ist, kann nichts gesendet werden.
channels-alert-mailbox-shut = Dieses Postfach lässt Lumi nicht mehr ein: Sein Passwort oder die Erlaubnis für Lumi wurde geändert oder ist erloschen. Bis das Konto neu verbunden ist, kommt nichts an und geht nichts hinaus; was wartet, geht dann hinaus.
# $failed von $tried Nachrichten
channels-alert-failing = { $failed } der letzten { $tried } Nachrichten wurden nicht zugestellt. Der letzte Fehler sagt, warum.
channels-alert-unknown-outcomes =
    { $count ->
        [one] Niemand weiß, ob eine Nachricht angekommen ist. Fragen Sie den Gast oder senden Sie sie noch einmal.
       *[other] Niemand weiß, ob { $count } Nachrichten angekommen sind. Fragen Sie die Gäste oder senden Sie sie noch einmal.
    }
# $said: die Worte des Anbieters
channels-alert-webhook-broken = { $channel } kann Lumi keine Nachrichten übergeben. Es heißt: { $said }
channels-alert-webhook-not-set = { $channel } übergibt Nachrichten an niemanden. Verbinden Sie das Konto neu.
channels-alert-webhook-elsewhere = { $channel } übergibt Nachrichten an eine andere Adresse. Verbinden Sie das Konto neu, wenn es diese sein soll.
channels-alert-webhook-unsubscribed = { $channel } hat das Abonnement der Nachrichten beendet. Verbinden Sie das Konto neu.
# $said: the provider's own words
channels-alert-unread = Neue Nachrichten auf { $channel } lassen sich nicht lesen. Von dort heißt es: { $said }
channels-alert-unread-unreachable = { $channel } ist nicht erreichbar, neue Nachrichten sind nicht zu sehen. Sie warten dort, und Lumi versucht es von selbst wieder.

## Warum eine Nachricht nicht gesendet werden konnte, für das Team

channels-failure-token = { $channel } lehnt das Zugangstoken ab.
channels-failure-mailbox-shut = Dieses Postfach lässt Lumi nicht mehr ein. Verbinden Sie das Konto neu.
channels-failure-policy = { $channel } hat dieses Konto eingeschränkt oder gesperrt.
channels-failure-window = { $channel } lässt so lange nach der letzten Nachricht des Gastes niemanden schreiben.
channels-failure-recipient = Dieser Gast ist über { $channel } nicht zu erreichen.
channels-failure-content = { $channel } nimmt diese Nachricht so nicht an.
channels-failure-template = { $channel } nimmt diese Vorlage nicht an.
channels-failure-registration = Das Konto ist bei { $channel } nicht registriert.
channels-failure-busy = { $channel } bittet darum, langsamer zu schreiben. Lumi macht von selbst weiter.
channels-failure-unreachable = { $channel } ist nicht zu erreichen. Lumi versucht es von selbst wieder.
channels-failure-unknown = Niemand weiß, ob es angekommen ist: { $channel } hat nicht geantwortet.
channels-failure-other = { $channel } hat die Nachricht abgelehnt.

## Wenn Lumi aufgegeben hat; was der Anbieter geantwortet hat

channels-given-up-busy = Lumi hat aufgegeben: { $channel } bat weiter darum, langsamer zu schreiben.
channels-given-up-unreachable = Lumi hat aufgegeben: { $channel } war zu lange nicht zu erreichen.
channels-provider-said = Die Antwort war: { $said }

## Warum eine Nachricht nicht abgegangen ist, oder noch nicht

channels-gate-human-holds = Ein Mensch hat die Unterhaltung übernommen.
channels-gate-stopped = Dieser Gast möchte keine Nachrichten mehr bekommen.
channels-gate-too-late = Es war zu spät, um es noch zu sagen.
channels-gate-quiet-hours = Sie geht ab, wenn die Ruhezeit des Gastes vorbei ist.
channels-gate-no-consent = Dieser Gast hat nicht zugestimmt, ungefragt angeschrieben zu werden.
channels-gate-opted-out = Dieser Gast möchte auf diesem Kanal nichts Ungefragtes.
channels-gate-blocked = Dieser Gast hat dieses Konto blockiert.
channels-gate-day-full = Diesem Gast wurde an einem Tag schon so oft ungefragt geschrieben, wie erlaubt ist.
channels-gate-week-full = Diesem Gast wurde in einer Woche schon so oft ungefragt geschrieben, wie erlaubt ist.
channels-gate-moved = Sie wurde in einer anderen Unterhaltung dieses Gastes gesagt.
channels-file-gone = Die Datei wurde gelöscht oder darf nicht mehr herausgegeben werden.
