### What the assistant says by itself. Polite form, warm and short; no markup: it is also read on a phone's chat.

## Opening and closing

# $organisation: the name of the organisation that answers
assistant-greeting = مرحبًا! أنا المساعد الآلي لدى { $organisation }. كيف يمكنني مساعدتكم؟
assistant-greeting-again = مرحبًا مجددًا! كيف يمكنني مساعدتكم؟
assistant-thanks = على الرحب والسعة! إن احتجتم إلى شيء آخر فاكتبوا لي في أي وقت.
assistant-goodbye = مع السلامة! يمكنكم مراسلتنا هنا متى شئتم.

## A person instead of the assistant

# What a guest writes to be put through; the assistant must understand exactly this.
assistant-human-phrase = التحدث مع شخص
assistant-human-requested = بكل سرور. أبلغتُ أحد أعضاء الفريق وسيردّ عليكم هنا.
assistant-human-already = الفريق على علم بأنكم ترغبون في التحدث مع شخص، وسيردّ عليكم هنا.

## When there is no answer

assistant-unknown = لا أعرف الجواب على وجه اليقين ولا أودّ التخمين. سجّلتُ سؤالكم ليطّلع عليه الفريق. للتحدث مع أحد أعضاء الفريق اكتبوا «{ assistant-human-phrase }».
assistant-rephrase = عذرًا، لم أفهم رسالتكم. هل يمكنكم كتابة سؤالكم بالكلمات؟

# $kind: what came instead of text: voice, image, video, document, location or other
assistant-unreadable =
    { $kind ->
        [voice] لا أستطيع الاستماع إلى الرسائل الصوتية بعد.
        [image] لا أستطيع رؤية الصور بعد.
        [video] لا أستطيع مشاهدة مقاطع الفيديو بعد.
        [document] لا أستطيع فتح المستندات بعد.
        [location] لا أستطيع قراءة المواقع الجغرافية بعد.
       *[other] لا أستطيع قراءة هذا النوع من الرسائل بعد.
    } هل يمكنكم كتابة ما تودّون قوله بإيجاز؟
assistant-unheard =
    { $why ->
        [nobody_hears] لا أستطيع الاستماع إلى الرسائل الصوتية هنا.
        [too_long] رسالتكم الصوتية أطول من أن أستمع إليها.
       *[other] لم أتمكن من فهم رسالتكم الصوتية.
    } أبلغتُ أحد أعضاء الفريق وسيستمع إليها. يمكنكم أيضًا الكتابة إليّ.
assistant-file-not-had =
    { $why ->
        [malware] وجد فحصنا شيئًا ضارًا في ملفكم، فتمّ حذفه.
        [too_large] ملفكم أكبر من أن يُقبل.
        [type] لا أستطيع قبول هذا النوع من الملفات.
       *[other] لم أتمكن من فتح ملفكم.
    } أبلغتُ أحد أعضاء الفريق وسيردّ عليكم هنا.
assistant-failed = عذرًا، حدث خطأ من جانبنا. أبلغنا أحد أعضاء الفريق وسيردّ عليكم.

## What the answer stands on

# $title: the title of the document the answer comes from
assistant-source = المصدر: { $title }

# $language: the name of the language the quoted text is written in
assistant-quoted = النص التالي مقتبس باللغة { $language }:
