### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = De acuerdo: ya no recibirá más mensajes nuestros por aquí. Para volver a recibirlos, escriba START.
channels-resumed = ¡Nos alegra tenerle de vuelta! Volverá a recibir nuestros mensajes.
# On the button that opens a list of choices; at most 20 characters.
channels-choose = Elegir

## Qué pasa con una cuenta, para el equipo: qué es y qué hacer

# $expected: cuántos mensajes suelen llegar en ese tiempo
channels-alert-silent = No ha llegado nada, cuando lo habitual es { $expected ->
        [one] un mensaje
       *[other] unos { $expected } mensajes
    }. Escriba usted a la cuenta; si aquí no aparece nada, conéctela de nuevo.
# $channel: el nombre del canal; $days: días enteros que quedan
channels-alert-token-expiring =
    { $days ->
        [0] El acceso a { $channel } termina en menos de un día.
        [one] El acceso a { $channel } termina en un día.
       *[other] El acceso a { $channel } termina en { $days } días.
    } Conecte la cuenta de nuevo con otro token.
channels-alert-token-ended = El acceso a { $channel } ha terminado. Conecte la cuenta de nuevo con otro token.
channels-alert-token-refused = { $channel } rechaza el token de acceso. No se puede enviar nada hasta conectar la cuenta con uno nuevo.
channels-alert-mailbox-shut = Este buzón ya no deja entrar a Lumi: su contraseña o el permiso para Lumi ha cambiado o ha terminado. Nada entra y nada sale hasta volver a conectar la cuenta; lo que espera saldrá entonces.
# $failed de $tried mensajes
channels-alert-failing = { $failed } de los últimos { $tried } mensajes no se entregaron. El último error dice por qué.
channels-alert-unknown-outcomes =
    { $count ->
        [one] Nadie sabe si un mensaje llegó. Pregunte al cliente o envíelo de nuevo.
       *[other] Nadie sabe si { $count } mensajes llegaron. Pregunte a los clientes o envíelos de nuevo.
    }
# $said: las palabras del proveedor
channels-alert-webhook-broken = { $channel } no consigue entregar los mensajes a Lumi. Dice: { $said }
channels-alert-webhook-not-set = { $channel } no entrega los mensajes a nadie. Conecte la cuenta de nuevo.
channels-alert-webhook-elsewhere = { $channel } entrega los mensajes en otra dirección. Conecte la cuenta de nuevo si debe ser esta.
channels-alert-webhook-unsubscribed = { $channel } ha terminado la suscripción a los mensajes. Conecte la cuenta de nuevo.
# $said: the provider's own words
channels-alert-unread = No se pueden leer los mensajes nuevos de { $channel }. Dice: { $said }
channels-alert-unread-unreachable = No se puede llegar a { $channel }, así que no se ven los mensajes nuevos. Esperan allí, y Lumi lo intenta de nuevo por sí solo.

## Por qué no se pudo enviar un mensaje, para el equipo

channels-failure-token = { $channel } rechaza el token de acceso.
channels-failure-mailbox-shut = Este buzón ya no deja entrar a Lumi. Vuelva a conectar la cuenta.
channels-failure-policy = { $channel } ha limitado o bloqueado esta cuenta.
channels-failure-window = { $channel } no permite escribir tanto tiempo después del último mensaje del cliente.
channels-failure-recipient = No se puede contactar con este cliente en { $channel }.
channels-failure-content = { $channel } no acepta este mensaje tal como está.
channels-failure-template = { $channel } no acepta esta plantilla.
channels-failure-registration = La cuenta no está registrada en { $channel }.
channels-failure-busy = { $channel } pide escribir más despacio. Lumi continúa por sí solo.
channels-failure-unreachable = No se puede contactar con { $channel }. Lumi lo intenta de nuevo por sí solo.
channels-failure-unknown = Nadie sabe si llegó: { $channel } no respondió.
channels-failure-other = { $channel } rechazó el mensaje.

## Cuando Lumi ha desistido; lo que respondió el proveedor

channels-given-up-busy = Lumi ha desistido: { $channel } seguía pidiendo escribir más despacio.
channels-given-up-unreachable = Lumi ha desistido: no se pudo contactar con { $channel } durante demasiado tiempo.
channels-provider-said = La respuesta fue: { $said }

## Por qué un mensaje no salió, o todavía no

channels-gate-human-holds = Una persona tomó la conversación.
channels-gate-stopped = Este cliente ha pedido no recibir más mensajes.
channels-gate-too-late = Ya era demasiado tarde para decirlo.
channels-gate-quiet-hours = Saldrá cuando terminen las horas de silencio del cliente.
channels-gate-no-consent = Este huésped no ha aceptado que se le escriba sin pedirlo.
channels-gate-opted-out = Este huésped no quiere nada por este canal sin pedirlo.
channels-gate-blocked = Este huésped ha bloqueado esta cuenta.
channels-gate-day-full = A este cliente ya se le escribió sin que preguntara tantas veces como se permite en un día.
channels-gate-week-full = A este cliente ya se le escribió sin que preguntara tantas veces como se permite en una semana.
channels-gate-moved = Se dijo en otra conversación de este cliente.
channels-file-gone = El archivo se eliminó o ya no se puede entregar.
