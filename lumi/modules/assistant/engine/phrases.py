"""Words by which people greet, thank and part, in the eight languages; folded (see `fold`)."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile(r"[^\w\s]|_", re.UNICODE)
_SPACES = re.compile(r"\s+")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": ""})


def fold(text: str) -> str:
    """Lower case, without accents, punctuation, emoji and invisible marks; one space between words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return _SPACES.sub(" ", _MARKS.sub(" ", plain.translate(_ARABIC))).strip()


def folded(words: str) -> tuple[str, ...]:
    """The phrases of these lines, folded, the longest first."""
    phrases = {fold(line) for line in words.strip().splitlines()}
    return tuple(sorted(phrases - {""}, key=lambda phrase: (-len(phrase), phrase)))


GREETINGS = folded("""
bonjour
bonsoir
salut
coucou
allo
rebonjour
bonjour madame
bonjour monsieur
bonjour à tous
hello
hello there
hi
hi there
hey
hey there
good morning
good afternoon
good evening
greetings
hola
buenas
buenos días
buenas tardes
buenas noches
muy buenas
hallo
guten tag
guten morgen
guten abend
moin
servus
grüß gott
grüezi
ciao
salve
buongiorno
buonasera
buondì
olá
oi
bom dia
boa tarde
boa noite
مرحبا
مرحبًا بكم
أهلا
أهلا وسهلا
السلام عليكم
السلام عليكم ورحمة الله
السلام عليكم ورحمة الله وبركاته
سلام
صباح الخير
مساء الخير
هاي
привет
приветствую
здравствуйте
здравствуй
добрый день
доброе утро
добрый вечер
салют
""")

SMALL_TALK = folded("""
ça va
comment allez-vous
comment ça va
vous allez bien
how are you
how are you doing
hope you are well
qué tal
cómo está
cómo estás
wie geht es ihnen
wie geht's
come va
come sta
come stai
tudo bem
como vai
como está
كيف حالك
كيف حالكم
كيف الحال
как дела
как вы
madame
monsieur
everyone
team
all
à tous
a todos
zusammen
a tutti
""")

THANKS = folded("""
merci
merci beaucoup
merci bien
mille mercis
un grand merci
je vous remercie
merci pour votre réponse
merci pour votre aide
super merci
parfait merci
d'accord merci
ok merci
thanks
thank you
thank you very much
thank you so much
thanks a lot
many thanks
ok thanks
great thanks
perfect thank you
cheers
thx
gracias
muchas gracias
mil gracias
muchísimas gracias
vale gracias
perfecto gracias
danke
danke schön
vielen dank
herzlichen dank
danke sehr
super danke
alles klar danke
grazie
grazie mille
molte grazie
ti ringrazio
la ringrazio
perfetto grazie
obrigado
obrigada
muito obrigado
muito obrigada
valeu
شكرا
شكرا جزيلا
شكرا لك
شكرا لكم
شكرا كثيرا
ألف شكر
مشكور
مشكورين
спасибо
большое спасибо
спасибо большое
спасибо огромное
благодарю
благодарю вас
спасибо вам
""")

GOODBYES = folded("""
au revoir
à bientôt
bonne journée
bonne soirée
bon week-end
à demain
à plus
bye
bye bye
goodbye
good bye
see you
see you soon
see you later
have a nice day
have a good day
good night
adiós
hasta luego
hasta pronto
hasta mañana
que tenga un buen día
nos vemos
auf wiedersehen
tschüss
tschüs
bis bald
bis später
bis dann
schönen tag noch
schönen abend
arrivederci
a presto
buona giornata
buona serata
a domani
tchau
até logo
até breve
até mais
adeus
tenha um bom dia
مع السلامة
إلى اللقاء
وداعا
في أمان الله
تصبح على خير
до свидания
до встречи
пока
всего доброго
всего хорошего
хорошего дня
""")
