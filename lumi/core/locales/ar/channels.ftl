### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = حسنًا، لن تصلكم منا رسائل هنا بعد الآن. لاستئنافها اكتبوا START.
channels-resumed = سعداء بعودتكم! ستصلكم رسائلنا من جديد.
# On the button that opens a list of choices; at most 20 characters.
channels-choose = اختر

## ما المشكلة في الحساب، لفريق العمل: ما هي وما العمل

# $expected: عدد الرسائل المعتاد في هذه المدة
channels-alert-silent = لم يصل أي شيء، والمعتاد وصول { $expected ->
        [one] رسالة واحدة
        [two] رسالتين
        [few] { $expected } رسائل
       *[other] { $expected } رسالة
    } تقريبًا. اكتب بنفسك إلى الحساب، وإن لم يظهر شيء هنا فأعد ربطه.
# $channel: اسم القناة، $days: الأيام الكاملة المتبقية
channels-alert-token-expiring =
    { $days ->
        [0] ينتهي الوصول إلى { $channel } خلال يوم.
        [one] ينتهي الوصول إلى { $channel } بعد يوم واحد.
        [two] ينتهي الوصول إلى { $channel } بعد يومين.
        [few] ينتهي الوصول إلى { $channel } بعد { $days } أيام.
       *[other] ينتهي الوصول إلى { $channel } بعد { $days } يومًا.
    } أعد ربط الحساب برمز جديد.
channels-alert-token-ended = انتهى الوصول إلى { $channel }. أعد ربط الحساب برمز جديد.
channels-alert-token-refused = يرفض { $channel } رمز الوصول. لا يمكن إرسال شيء قبل إعادة ربط الحساب برمز جديد.
channels-alert-mailbox-shut = لم يعد هذا البريد يسمح بدخول Lumi: تغيّرت كلمة مروره أو الإذن الممنوح لـ Lumi أو انتهى. لا يصل شيء ولا يخرج شيء قبل إعادة ربط الحساب، وما ينتظر يخرج عندئذ.
# $failed من $tried رسالة
channels-alert-failing = عدد الرسائل التي لم تُسلَّم: { $failed } من آخر { $tried }. السبب مذكور في آخر خطأ.
channels-alert-unknown-outcomes = رسائل لا يُعرف هل وصلت: { $count }. اسأل الضيوف أو أرسلها مرة أخرى.
# $said: كلمات مزود الخدمة
channels-alert-webhook-broken = لا يستطيع { $channel } تسليم الرسائل إلى Lumi. يقول: { $said }
channels-alert-webhook-not-set = لا يسلّم { $channel } الرسائل إلى أحد. أعد ربط الحساب.
channels-alert-webhook-elsewhere = يسلّم { $channel } الرسائل إلى عنوان آخر. أعد ربط الحساب إن كان المطلوب هذا العنوان.
channels-alert-webhook-unsubscribed = أنهى { $channel } الاشتراك في الرسائل. أعد ربط الحساب.
# $said: the provider's own words
channels-alert-unread = لا يمكن قراءة الرسائل الجديدة على { $channel }. الرد: { $said }
channels-alert-unread-unreachable = لا يمكن الوصول إلى { $channel }، فلا تُرى الرسائل الجديدة. إنها تنتظر هناك، ويعيد Lumi المحاولة من تلقاء نفسه.

## لماذا تعذّر إرسال رسالة، لفريق العمل

channels-failure-token = يرفض { $channel } رمز الوصول.
channels-failure-mailbox-shut = لم يعد هذا البريد يسمح بدخول Lumi. أعد ربط الحساب.
channels-failure-policy = قيّد { $channel } هذا الحساب أو حظره.
channels-failure-window = لا يسمح { $channel } بالكتابة بعد هذه المدة من آخر رسالة للضيف.
channels-failure-recipient = لا يمكن الوصول إلى هذا الضيف عبر { $channel }.
channels-failure-content = لا يقبل { $channel } هذه الرسالة بصيغتها الحالية.
channels-failure-template = لا يقبل { $channel } هذا القالب.
channels-failure-registration = الحساب غير مسجَّل لدى { $channel }.
channels-failure-busy = يطلب { $channel } الكتابة ببطء أكثر. يواصل Lumi من تلقاء نفسه.
channels-failure-unreachable = لا يمكن الوصول إلى { $channel }. يحاول Lumi مرة أخرى من تلقاء نفسه.
channels-failure-unknown = لا يُعرف هل وصلت: لم يردّ { $channel }.
channels-failure-other = رفض { $channel } الرسالة.

## عندما يتوقّف Lumi عن المحاولة؛ وما أجاب به المزوّد

channels-given-up-busy = توقّف Lumi عن المحاولة: ظلّ { $channel } يطلب الكتابة ببطء أكثر.
channels-given-up-unreachable = توقّف Lumi عن المحاولة: تعذّر الوصول إلى { $channel } مدة طويلة.
channels-provider-said = وكان الرد: { $said }

## لماذا لم تُرسل رسالة، أو لم تُرسل بعد

channels-gate-human-holds = تولّى شخص المحادثة.
channels-gate-stopped = طلب هذا الضيف عدم مراسلته بعد الآن.
channels-gate-too-late = فات أوان قولها.
channels-gate-quiet-hours = تُرسل عند انتهاء ساعات الهدوء لدى الضيف.
channels-gate-no-consent = لم يوافق هذا الضيف على أن يُكتب إليه من دون طلب.
channels-gate-opted-out = لا يريد هذا الضيف شيئًا من دون طلب على هذه القناة.
channels-gate-blocked = حظر هذا الضيف هذا الحساب.
channels-gate-day-full = كُتب إلى هذا الضيف دون طلب منه بقدر ما هو مسموح به في يوم واحد.
channels-gate-week-full = كُتب إلى هذا الضيف دون طلب منه بقدر ما هو مسموح به في أسبوع واحد.
channels-gate-moved = قيلت في محادثة أخرى مع هذا الضيف.
channels-file-gone = حُذف الملف أو لم يعد من المسموح تسليمه.
