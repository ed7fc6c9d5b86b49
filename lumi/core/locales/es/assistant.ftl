### What the assistant says by itself. Polite form, warm and short; no markup: it is also read on a phone's chat.

## Opening and closing

# $organisation: the name of the organisation that answers
assistant-greeting = ¡Hola! Soy el asistente automático de { $organisation }. ¿En qué puedo ayudarle?
assistant-greeting-again = ¡Hola de nuevo! ¿En qué puedo ayudarle?
assistant-thanks = ¡De nada! Si necesita algo más, escríbame cuando quiera.
assistant-goodbye = ¡Hasta pronto, que le vaya muy bien! Puede escribirnos aquí cuando quiera.

## A person instead of the assistant

# What a guest writes to be put through; the assistant must understand exactly this.
assistant-human-phrase = hablar con una persona
assistant-human-requested = Por supuesto. He avisado a una persona del equipo, que le responderá por aquí.
assistant-human-already = El equipo ya sabe que desea hablar con una persona. Le responderán por aquí.

## When there is no answer

assistant-unknown = No lo sé con seguridad y prefiero no adivinar. He anotado su pregunta para el equipo. Si desea que le atienda alguien, escriba «{ assistant-human-phrase }».
assistant-rephrase = Creo que no le he entendido. ¿Podría escribirme su pregunta con palabras?

# $kind: what came instead of text: voice, image, video, document, location or other
assistant-unreadable =
    { $kind ->
        [voice] Todavía no puedo escuchar mensajes de voz.
        [image] Todavía no puedo ver imágenes.
        [video] Todavía no puedo ver vídeos.
        [document] Todavía no puedo abrir documentos.
        [location] Todavía no puedo leer ubicaciones.
       *[other] Todavía no puedo leer este tipo de mensaje.
    } ¿Podría escribírmelo en pocas palabras?
assistant-unheard =
    { $why ->
        [nobody_hears] Aquí no puedo escuchar mensajes de voz.
        [too_long] Su mensaje de voz es demasiado largo para que lo escuche.
       *[other] No he podido entender su mensaje de voz.
    } He avisado a una persona del equipo, que lo escuchará. También puede escribirme.
assistant-file-not-had =
    { $why ->
        [malware] Nuestro control ha encontrado algo dañino en su archivo y se ha eliminado.
        [too_large] Su archivo es demasiado grande para aceptarlo.
        [type] No puedo aceptar este tipo de archivo.
       *[other] No he podido abrir su archivo.
    } He avisado a una persona del equipo, que le responderá por aquí.
assistant-failed = Lo sentimos, algo ha fallado por nuestra parte. Hemos avisado a una persona del equipo, que le responderá.

## What the answer stands on

# $title: the title of the document the answer comes from
assistant-source = Fuente: { $title }

# $language: the name of the language the quoted text is written in
assistant-quoted = Lo siguiente es una cita en { $language }:
