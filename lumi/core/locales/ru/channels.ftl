### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = Хорошо, мы больше не будем присылать вам сообщения сюда. Чтобы возобновить их, напишите START.
channels-resumed = Рады, что вы снова с нами! Вы опять будете получать наши сообщения.
# On the button that opens a list of choices; at most 20 characters.
channels-choose = Выбрать

## Что не так с учётной записью, для сотрудников: что это и что делать

# $expected: сколько сообщений обычно приходит за это время
channels-alert-silent = Ничего не пришло, хотя обычно за это время { $expected ->
        [one] приходит { $expected } сообщение
        [few] приходят { $expected } сообщения
       *[other] приходит { $expected } сообщений
    }. Напишите в этот канал сами; если здесь ничего не появится, подключите его заново.
# $channel: название канала; $days: сколько целых дней осталось
channels-alert-token-expiring =
    { $days ->
        [0] Доступ к { $channel } заканчивается в течение суток.
        [one] Доступ к { $channel } заканчивается через { $days } день.
        [few] Доступ к { $channel } заканчивается через { $days } дня.
       *[other] Доступ к { $channel } заканчивается через { $days } дней.
    } Подключите канал заново с новым токеном.
channels-alert-token-ended = Доступ к { $channel } закончился. Подключите канал заново с новым токеном.
channels-alert-token-refused = { $channel } не принимает токен доступа. Пока канал не подключён с новым токеном, ничего отправить нельзя.
channels-alert-mailbox-shut = Этот почтовый ящик больше не пускает Lumi: его пароль или разрешение для Lumi изменены или закончились. Пока канал не подключён снова, ничего не приходит и не уходит; то, что ждёт, уйдёт потом.
# $failed из $tried сообщений
channels-alert-failing = Не доставлено сообщений: { $failed } из последних { $tried }. Причина указана в последней ошибке.
channels-alert-unknown-outcomes = Сообщений, о которых неизвестно, дошли ли они: { $count }. Спросите гостей или отправьте ещё раз.
# $said: слова самого провайдера
channels-alert-webhook-broken = { $channel } не может передать сообщения в Lumi. Ответ: { $said }
channels-alert-webhook-not-set = { $channel } никому не передаёт сообщения. Подключите канал заново.
channels-alert-webhook-elsewhere = { $channel } передаёт сообщения на другой адрес. Подключите канал заново, если нужен этот.
channels-alert-webhook-unsubscribed = { $channel } прекратил подписку на сообщения. Подключите канал заново.
# $said: the provider's own words
channels-alert-unread = Новые сообщения в { $channel } не удаётся прочитать. Ответ: { $said }
channels-alert-unread-unreachable = { $channel } недоступен, и новых сообщений не видно. Они ждут там, а Lumi сам пробует снова.

## Почему сообщение не удалось отправить, для сотрудников

channels-failure-token = { $channel } не принимает токен доступа.
channels-failure-mailbox-shut = Этот почтовый ящик больше не пускает Lumi. Подключите канал снова.
channels-failure-policy = { $channel } ограничил или заблокировал эту учётную запись.
channels-failure-window = { $channel } не позволяет писать так долго после последнего сообщения гостя.
channels-failure-recipient = С этим гостем нельзя связаться через { $channel }.
channels-failure-content = { $channel } не принимает это сообщение в таком виде.
channels-failure-template = { $channel } не принимает этот шаблон.
channels-failure-registration = Учётная запись не зарегистрирована в { $channel }.
channels-failure-busy = { $channel } просит писать медленнее. Lumi продолжит само.
channels-failure-unreachable = { $channel } недоступен. Lumi попробует ещё раз само.
channels-failure-unknown = Неизвестно, дошло ли сообщение: { $channel } не ответил.
channels-failure-other = { $channel } отклонил сообщение.

## Когда Lumi прекратило попытки; что ответил провайдер

channels-given-up-busy = Lumi прекратило попытки: { $channel } всё время просил писать медленнее.
channels-given-up-unreachable = Lumi прекратило попытки: { $channel } слишком долго был недоступен.
channels-provider-said = Ответ: { $said }

## Почему сообщение не ушло или ещё не ушло

channels-gate-human-holds = Разговор взял человек.
channels-gate-stopped = Этот гость попросил больше ему не писать.
channels-gate-too-late = Говорить это было уже поздно.
channels-gate-quiet-hours = Уйдёт, когда закончатся тихие часы гостя.
channels-gate-no-consent = Этот гость не давал согласия на сообщения без запроса.
channels-gate-opted-out = Этот гость не хочет ничего получать на этом канале без запроса.
channels-gate-blocked = Этот гость заблокировал этот аккаунт.
channels-gate-day-full = Этому гостю уже писали без его просьбы столько раз, сколько можно за один день.
channels-gate-week-full = Этому гостю уже писали без его просьбы столько раз, сколько можно за одну неделю.
channels-gate-moved = Это сказано в другом разговоре с этим гостем.
channels-file-gone = Файл удалён или больше не может быть передан.
