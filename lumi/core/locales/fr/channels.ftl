### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = C’est noté : vous ne recevrez plus rien de notre part ici. Pour reprendre, écrivez START.
channels-resumed = Ravis de vous retrouver ! Vous recevrez de nouveau nos messages.
# On the button that opens a list of choices; at most 20 characters.
channels-choose = Choisir

## Ce qui ne va pas sur un compte, pour l’équipe : ce que c’est, et que faire

# $expected : combien de messages arrivent d’habitude pendant ce temps
channels-alert-silent = Rien n’est arrivé, alors que d’habitude { $expected ->
        [one] un message arrive
       *[other] environ { $expected } messages arrivent
    }. Écrivez vous-même au compte ; si rien n’apparaît ici, reconnectez-le.
# $channel : le nom du canal ; $days : jours entiers restants
channels-alert-token-expiring =
    { $days ->
        [0] L’accès à { $channel } prend fin d’ici un jour.
        [1] L’accès à { $channel } prend fin dans un jour.
       *[other] L’accès à { $channel } prend fin dans { $days } jours.
    } Reconnectez le compte avec un nouveau jeton.
channels-alert-token-ended = L’accès à { $channel } a pris fin. Reconnectez le compte avec un nouveau jeton.
channels-alert-token-refused = { $channel } refuse le jeton d’accès. Rien ne peut partir avant que le compte soit reconnecté avec un nouveau jeton.
channels-alert-mailbox-shut = Cette boîte mail ne laisse plus entrer Lumi : son mot de passe ou l’autorisation donnée à Lumi a changé ou pris fin. Rien n’arrive et rien ne part avant que le compte soit reconnecté ; ce qui attend partira alors.
# $failed messages sur $tried
channels-alert-failing = { $failed } des { $tried } derniers messages n’ont pas été remis. La dernière erreur dit pourquoi.
channels-alert-unknown-outcomes =
    { $count ->
        [one] Personne ne sait si un message est arrivé. Demandez au client, ou renvoyez-le.
       *[other] Personne ne sait si { $count } messages sont arrivés. Demandez aux clients, ou renvoyez-les.
    }
# $said : les mots du fournisseur
channels-alert-webhook-broken = { $channel } ne parvient pas à transmettre les messages à Lumi. Il dit : { $said }
channels-alert-webhook-not-set = { $channel } ne transmet les messages à personne. Reconnectez le compte.
channels-alert-webhook-elsewhere = { $channel } transmet les messages à une autre adresse. Reconnectez le compte si ce doit être celle-ci.
channels-alert-webhook-unsubscribed = { $channel } a mis fin à l’abonnement aux messages. Reconnectez le compte.
# $said: the provider's own words
channels-alert-unread = Les nouveaux messages de { $channel } ne peuvent pas être lus. Réponse reçue : { $said }
channels-alert-unread-unreachable = { $channel } est injoignable : les nouveaux messages ne sont pas vus. Ils attendent là-bas, et Lumi réessaie de lui-même.

## Pourquoi un message n’a pas pu partir, pour l’équipe

channels-failure-token = { $channel } refuse le jeton d’accès.
channels-failure-mailbox-shut = Cette boîte mail ne laisse plus entrer Lumi. Reconnectez le compte.
channels-failure-policy = { $channel } a limité ou bloqué ce compte.
channels-failure-window = { $channel } ne permet plus d’écrire si longtemps après le dernier message du client.
channels-failure-recipient = Ce client ne peut pas être joint sur { $channel }.
channels-failure-content = { $channel } n’accepte pas ce message tel quel.
channels-failure-template = { $channel } n’accepte pas ce modèle.
channels-failure-registration = Le compte n’est pas enregistré chez { $channel }.
channels-failure-busy = { $channel } demande d’écrire plus lentement. Lumi continue de lui-même.
channels-failure-unreachable = { $channel } est injoignable. Lumi réessaie de lui-même.
channels-failure-unknown = Personne ne sait si c’est arrivé : { $channel } n’a pas répondu.
channels-failure-other = { $channel } a refusé le message.

## Quand Lumi a renoncé ; ce que le fournisseur a répondu

channels-given-up-busy = Lumi a renoncé : { $channel } demandait toujours d’écrire plus lentement.
channels-given-up-unreachable = Lumi a renoncé : { $channel } est resté injoignable trop longtemps.
channels-provider-said = Il dit : { $said }

## Pourquoi un message n’est pas parti, ou pas encore

channels-gate-human-holds = Une personne a repris la conversation.
channels-gate-stopped = Ce client a demandé de ne plus recevoir de messages.
channels-gate-too-late = Il était trop tard pour le dire.
channels-gate-quiet-hours = Le message part à la fin des heures calmes du client.
channels-gate-no-consent = Ce client n’a pas accepté qu’on lui écrive sans qu’il l’ait demandé.
channels-gate-opted-out = Ce client ne veut rien recevoir sur ce canal sans l’avoir demandé.
channels-gate-blocked = Ce client a bloqué ce compte.
channels-gate-day-full = Ce client a déjà reçu autant de messages non sollicités qu’il est permis en un jour.
channels-gate-week-full = Ce client a déjà reçu autant de messages non sollicités qu’il est permis en une semaine.
channels-gate-moved = Le message a été dit dans une autre conversation de ce client.
channels-file-gone = Le fichier a été supprimé, ou ne peut plus être transmis.
