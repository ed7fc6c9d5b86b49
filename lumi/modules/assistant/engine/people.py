"""Words by which people ask for a human being, in the eight languages."""

from __future__ import annotations

from lumi.modules.assistant.engine.phrases import folded

_TALKING = folded("""
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

_PERSON = folded("""
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

HUMAN_ALONE = folded("""
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
