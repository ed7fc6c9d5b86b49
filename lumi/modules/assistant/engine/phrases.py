"""Words by which people greet, thank, part and ask for a person, in the eight languages; folded (see `fold`)."""

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


def _folded(words: str) -> tuple[str, ...]:
    phrases = {fold(line) for line in words.strip().splitlines()}
    return tuple(sorted(phrases - {""}, key=lambda phrase: (-len(phrase), phrase)))


GREETINGS = _folded("""
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

SMALL_TALK = _folded("""
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

THANKS = _folded("""
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

GOODBYES = _folded("""
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

_TALKING = _folded("""
parler
discuter
echanger
joindre
contacter
transférer
passez-moi
mettez-moi en relation
avoir
speak
talk
chat
connect me
contact
reach
transfer me
put me through
hablar
conversar
comunicarme
contactar
páseme
atienda
sprechen
reden
verbinden
kontaktieren
parlare
conversare
contattare
mi passi
passarmi
falar
conversar
contatar
transferir
التحدث
أتحدث
اتحدث
أتكلم
اتكلم
التكلم
الحديث
أكلم
اكلم
التواصل مع
تحويلي
поговорить
связаться
соедините
переключите
пообщаться
говорить
позовите
""")

_PERSON = _folded("""
un humain
être humain
une personne
une vraie personne
quelqu'un
un conseiller
une conseillère
un agent
un employé
un opérateur
l'équipe
un responsable
la réception
human
a human
real person
a person
someone
somebody
an agent
an operator
a representative
staff
the team
manager
receptionist
una persona
persona real
alguien
un humano
un agente
un empleado
recepción
recepcionista
encargado
responsable
einem menschen
einen menschen
mensch
mitarbeiter
mitarbeiterin
jemand
jemandem
jemanden
einer person
personal
rezeption
una persona
persona vera
qualcuno
un umano
un operatore
un addetto
uma pessoa
pessoa real
alguém
um humano
um atendente
atendente
funcionário
شخص
شخصا
إنسان
موظف
موظفا
أحد
أحدكم
مسؤول
المسؤول
الاستقبال
فريق
الفريق
ممثل
человеком
человека
живым человеком
оператором
оператора
сотрудником
сотрудника
менеджером
менеджера
кем-нибудь
администратором
специалистом
""")

HUMAN_ALONE = _folded("""
humain
conseiller
parler à une personne
human
agent
operator
representative
real person
humano
agente
persona
mensch
mitarbeiter
operatore
umano
atendente
موظف
إنسان
شخص
оператор
человек
менеджер
""")


def asks_for_a_person(text: str) -> bool:
    """Whether these folded words ask to speak to a human being."""
    if text in HUMAN_ALONE:
        return True
    padded = f" {text} "
    return (
        len(text) < 160
        and any(f" {verb} " in padded for verb in _TALKING)
        and any(f" {noun} " in padded for noun in _PERSON)
    )
