### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = حسنًا، لن تصلكم منا رسائل هنا بعد الآن. لاستئنافها اكتبوا START.
channels-resumed = سعداء بعودتكم! ستصلكم رسائلنا من جديد.
