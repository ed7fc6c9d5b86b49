### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = D’accordo: qui non riceverà più nostri messaggi. Per riprendere, scriva START.
channels-resumed = È un piacere ritrovarLa! Riceverà di nuovo i nostri messaggi.
# On the button that opens a list of choices; at most 20 characters.
channels-choose = Scegli

## Che cosa non va in un account, per lo staff: che cos’è e che cosa fare

# $expected: quanti messaggi arrivano di solito in quel tempo
channels-alert-silent = Non è arrivato nulla, mentre di solito { $expected ->
        [one] arriva un messaggio
       *[other] arrivano circa { $expected } messaggi
    }. Scriva Lei stesso all’account; se qui non appare nulla, lo colleghi di nuovo.
# $channel: il nome del canale; $days: giorni interi rimasti
channels-alert-token-expiring =
    { $days ->
        [0] L’accesso a { $channel } termina entro un giorno.
        [one] L’accesso a { $channel } termina tra un giorno.
       *[other] L’accesso a { $channel } termina tra { $days } giorni.
    } Colleghi di nuovo l’account con un nuovo token.
channels-alert-token-ended = L’accesso a { $channel } è terminato. Colleghi di nuovo l’account con un nuovo token.
channels-alert-token-refused = { $channel } rifiuta il token di accesso. Non si può inviare nulla finché l’account non è collegato con uno nuovo.
channels-alert-mailbox-shut = Questa casella non lascia più entrare Lumi: la password o l’autorizzazione per Lumi è cambiata o terminata. Nulla arriva e nulla parte finché l’account non è collegato di nuovo; ciò che attende partirà allora.
# $failed messaggi su $tried
channels-alert-failing = { $failed } degli ultimi { $tried } messaggi non sono stati recapitati. L’ultimo errore dice perché.
channels-alert-unknown-outcomes =
    { $count ->
        [one] Nessuno sa se un messaggio è arrivato. Chieda al cliente o lo invii di nuovo.
       *[other] Nessuno sa se { $count } messaggi sono arrivati. Chieda ai clienti o li invii di nuovo.
    }
# $said: le parole del fornitore
channels-alert-webhook-broken = { $channel } non riesce a consegnare i messaggi a Lumi. Dice: { $said }
channels-alert-webhook-not-set = { $channel } non consegna i messaggi a nessuno. Colleghi di nuovo l’account.
channels-alert-webhook-elsewhere = { $channel } consegna i messaggi a un altro indirizzo. Colleghi di nuovo l’account se deve essere questo.
channels-alert-webhook-unsubscribed = { $channel } ha terminato l’iscrizione ai messaggi. Colleghi di nuovo l’account.
# $said: the provider's own words
channels-alert-unread = I nuovi messaggi di { $channel } non si possono leggere. Dice: { $said }
channels-alert-unread-unreachable = { $channel } non è raggiungibile, perciò i nuovi messaggi non si vedono. Aspettano lì, e Lumi riprova da solo.

## Perché un messaggio non è partito, per lo staff

channels-failure-token = { $channel } rifiuta il token di accesso.
channels-failure-mailbox-shut = Questa casella non lascia più entrare Lumi. Colleghi di nuovo l’account.
channels-failure-policy = { $channel } ha limitato o bloccato questo account.
channels-failure-window = { $channel } non permette di scrivere così tanto tempo dopo l’ultimo messaggio del cliente.
channels-failure-recipient = Questo cliente non è raggiungibile su { $channel }.
channels-failure-content = { $channel } non accetta questo messaggio così com’è.
channels-failure-template = { $channel } non accetta questo modello.
channels-failure-registration = L’account non è registrato presso { $channel }.
channels-failure-busy = { $channel } chiede di scrivere più lentamente. Lumi continua da solo.
channels-failure-unreachable = { $channel } non è raggiungibile. Lumi riprova da solo.
channels-failure-unknown = Nessuno sa se è arrivato: { $channel } non ha risposto.
channels-failure-other = { $channel } ha rifiutato il messaggio.

## Quando Lumi ha rinunciato; che cosa ha risposto il fornitore

channels-given-up-busy = Lumi ha rinunciato: { $channel } continuava a chiedere di scrivere più lentamente.
channels-given-up-unreachable = Lumi ha rinunciato: { $channel } non è stato raggiungibile per troppo tempo.
channels-provider-said = La risposta: { $said }

## Perché un messaggio non è partito, o non ancora

channels-gate-human-holds = È subentrata una persona.
channels-gate-stopped = Questo cliente ha chiesto di non ricevere più messaggi.
channels-gate-too-late = Era troppo tardi per dirlo.
channels-gate-quiet-hours = Partirà quando finiscono le ore di silenzio del cliente.
channels-gate-no-consent = Questo ospite non ha acconsentito a ricevere messaggi non richiesti.
channels-gate-opted-out = Questo ospite non vuole nulla di non richiesto su questo canale.
channels-gate-blocked = Questo ospite ha bloccato questo account.
channels-gate-day-full = A questo cliente si è già scritto di propria iniziativa quante volte è permesso in un giorno.
channels-gate-week-full = A questo cliente si è già scritto di propria iniziativa quante volte è permesso in una settimana.
channels-gate-moved = È stato detto in un’altra conversazione di questo cliente.
channels-file-gone = Il file è stato eliminato o non può più essere consegnato.
