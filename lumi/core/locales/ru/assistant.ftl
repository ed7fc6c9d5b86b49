### What the assistant says by itself. Polite form, warm and short; no markup: it is also read on a phone's chat.

## Opening and closing

# $organisation: the name of the organisation that answers
assistant-greeting = Здравствуйте! Я автоматический помощник организации «{ $organisation }». Чем могу вам помочь?
assistant-greeting-again = Ещё раз здравствуйте! Чем могу помочь?
assistant-thanks = Пожалуйста! Если понадобится что-то ещё, пишите.
assistant-goodbye = До свидания, всего доброго! Пишите сюда в любое время.

## A person instead of the assistant

# What a guest writes to be put through; the assistant must understand exactly this.
assistant-human-phrase = поговорить с человеком
assistant-human-requested = Конечно. Ваша просьба передана сотруднику, он ответит вам здесь.
assistant-human-already = Команда уже знает, что вы хотите поговорить с человеком. Вам ответят здесь.

## When there is no answer

assistant-unknown = Точно я этого не знаю, а гадать не хочу. Ваш вопрос записан для команды. Чтобы вам ответил сотрудник, напишите «{ assistant-human-phrase }».
assistant-rephrase = Извините, не совсем вас понимаю. Напишите, пожалуйста, ваш вопрос словами.

# $kind: what came instead of text: voice, image, video, document, location or other
assistant-unreadable =
    { $kind ->
        [voice] Я пока не умею слушать голосовые сообщения.
        [image] Я пока не умею смотреть изображения.
        [video] Я пока не умею смотреть видео.
        [document] Я пока не умею открывать документы.
        [location] Я пока не умею читать геопозицию.
       *[other] Я пока не умею читать такие сообщения.
    } Напишите, пожалуйста, то же самое словами.
assistant-unheard =
    { $why ->
        [nobody_hears] Здесь нельзя прослушать голосовые сообщения.
        [too_long] Ваше голосовое сообщение слишком длинное, чтобы его прослушать.
       *[other] Не удалось разобрать ваше голосовое сообщение.
    } Сотрудник получил уведомление и прослушает его. Вы также можете написать.
assistant-file-not-had =
    { $why ->
        [malware] Проверка нашла в вашем файле вредоносное содержимое, поэтому он удалён.
        [too_large] Ваш файл слишком большой, принять его нельзя.
        [type] Файлы этого типа не принимаются.
       *[other] Не удалось открыть ваш файл.
    } Сотрудник получил уведомление и ответит вам здесь.
assistant-failed = Извините, у нас произошла ошибка. Сотрудник уже знает об этом и ответит вам.

## What the answer stands on

# $title: the title of the document the answer comes from
assistant-source = Источник: { $title }

# $language: the name of the language the quoted text is written in
assistant-quoted = Далее цитата, язык оригинала — { $language }:
