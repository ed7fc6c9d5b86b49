### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = De acuerdo: ya no recibirá más mensajes nuestros por aquí. Para volver a recibirlos, escriba START.
channels-resumed = ¡Nos alegra tenerle de vuelta! Volverá a recibir nuestros mensajes.
