"""What a person added is kept; what their program repeated or signs with is not."""

import pytest

from lumi.integrations.mail.html_text import text_of_html
from lumi.integrations.mail.quoting import own_words
from tests.integrations.mail.letters import read_letter

ANSWER = "Tuesday, please.\n\n"
QUOTE = "\n\n> When do you come?\n> We are open.\n"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Fri, Nov 20, 2026 at 10:33 AM Lumi Salon <salon@lumi.example> wrote:",
        "On Fri, Nov 20, 2026 at 10:33 AM A Very Long Name of a Salon\n<salon@lumi.example>\nwrote:",
        "On 20/11/2026 10:33, Lumi wrote:",
        "Am Fr., 20. Nov. 2026 um 10:33 Uhr schrieb Lumi <salon@lumi.example>:",
        "Am 20.11.26 um 10:33 schrieb Lumi:",
        "Le ven. 20 nov. 2026 à 10:33, Lumi <salon@lumi.example> a écrit\u00a0:",
        "Le 20 nov. 2026 à 10:33, Lumi <salon@lumi.example>\na écrit :",
        "El vie, 20 nov 2026 a las 10:33, Lumi (<salon@lumi.example>) escribió:",
        "El 20/11/2026 a las 10:33, Lumi escribió:",
        "Il giorno ven 20 nov 2026 alle ore 10:33 Lumi <salon@lumi.example> ha\nscritto:",
        "Em sex., 20 de nov. de 2026 às 10:33, Lumi <salon@lumi.example> escreveu:",
        "пт, 20 нояб. 2026 г. в 10:33, Lumi <salon@lumi.example>:",
        "20.11.2026 10:33, Lumi пишет:",
        "20 нояб. 2026 г., в 10:33, Lumi <salon@lumi.example> написал(а):",
        "في الجمعة، 20 نوفمبر 2026 في 10:33 ص تمت كتابة ما يلي بواسطة \u200fLumi\u200f <salon@lumi.example>:",
        "في 20 نوفمبر 2026، الساعة 10:33، كتب Lumi <salon@lumi.example>:",
        "2026年11月20日(金) 10:33 Lumi <salon@lumi.example>:",
    ],
)
def test_what_announces_a_quote_goes_with_it_in_every_language(attribution: str) -> None:
    assert own_words(ANSWER + attribution + QUOTE) == "Tuesday, please."
    assert own_words(ANSWER + attribution + "\n\nWhen do you come?\nWe are open.") == "Tuesday, please."


@pytest.mark.parametrize(
    "mark",
    [
        "-----Original Message-----\nFrom: Lumi",
        "-----Ursprüngliche Nachricht-----\nVon: Lumi",
        "-----Message d'origine-----\nDe : Lumi",
        "-----Message d’origine-----\nDe : Lumi",
        "-----Mensaje original-----\nDe: Lumi",
        "-----Messaggio originale-----\nDa: Lumi",
        "-----Mensagem original-----\nDe: Lumi",
        "-----Исходное сообщение-----\nОт: Lumi",
        "-----الرسالة الأصلية-----\nمن: Lumi",
        "From: Lumi <salon@lumi.example>\nSent: Friday, November 20, 2026\nTo: Anaïs\nSubject: Visit",
        "*From:* Lumi <salon@lumi.example>\n*Date:* Friday\n*To:* Anaïs\n*Subject:* Visit",
        "________________________________\nFrom: Lumi\nSent: Friday\nTo: Anaïs\nSubject: Visit",
        "Von: Lumi\nGesendet: Freitag\nAn: Anaïs\nBetreff: Besuch",
        "De : Lumi\nEnvoyé : vendredi\nÀ : Anaïs\nObjet : Visite",
        "De: Lumi\nEnviado: viernes\nPara: Anaïs\nAsunto: Visita",
        "Da: Lumi\nInviato: venerdì\nA: Anaïs\nOggetto: Visita",
        "De: Lumi\nEnviada em: sexta\nPara: Anaïs\nAssunto: Visita",
        "От: Lumi\nОтправлено: пятница\nКому: Anaïs\nТема: Визит",
        "من: Lumi\nتاريخ الإرسال: الجمعة\nإلى: Anaïs\nالموضوع: زيارة",
    ],
)
def test_all_that_follows_a_block_of_old_headers_is_history(mark: str) -> None:
    assert own_words(f"{ANSWER}{mark}\n\nWhen do you come?\nWe are open.") == "Tuesday, please."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnaïs Martin\n+33 6 00 00 00 42",
        "--\nAnaïs",
        "Sent from my iPhone",
        "[Sent from Yahoo Mail for Android]",
        "Get Outlook for iOS<https://example.com/ios>",
        "Von meinem iPhone gesendet",
        "Gesendet von Outlook für Android",
        "Envoyé de mon iPhone",
        "Télécharger Outlook pour Android",
        "Enviado desde mi móvil",
        "Enviado do meu iPhone",
        "Inviato da iPhone",
        "Отправлено с iPhone",
        "أُرسلت من الـ iPhone",
        "________________________________",
    ],
)
def test_signatures_of_people_and_devices_are_left_out(signature: str) -> None:
    assert own_words(ANSWER + signature) == "Tuesday, please."
    quoted = f"{ANSWER}{signature}\n\n> On 20 Nov 2026, at 10:33, Lumi <salon@lumi.example> wrote:\n> \n> When?"
    assert own_words(quoted) == "Tuesday, please."


def test_answers_between_quoted_lines_are_all_kept() -> None:
    body = "On 20/11/2026 10:33, Lumi wrote:\n> Tuesday?\nYes.\n> Red?\nNo, blue.\n"
    assert own_words(body) == "Yes.\nNo, blue."


def test_an_answer_below_the_quote_is_kept() -> None:
    assert own_words("> When do you come?\n\nTuesday.") == "Tuesday."


@pytest.mark.parametrize(
    "words",
    [
        "On Monday my doctor wrote:\nrest a little.",
        "From: the station to the hotel\nIt is far.",
        "I have one question:\nare you open on 24/12 at 10:30?",
        "I got it.\nSent from the shop by my sister",
        "Prices:\n-- 20 for a cut\n-- 40 for colour",
        "> only\n> a quote",
        "Sent from my iPhone",
    ],
)
def test_words_that_merely_resemble_are_kept(words: str) -> None:
    assert own_words(words) == words


def test_a_mail_that_was_passed_on_is_kept_with_what_it_passes_on() -> None:
    body = "Please see:\n\n---------- Forwarded message ---------\nFrom: Shop\nDate: Friday\nTo: me\n\n> Your order"
    assert own_words(body) == body
    block = "From: Shop\nSent: Friday\nTo: me\nSubject: Order\n\nYour order is here."
    assert own_words(block) == block


def test_html_becomes_lines() -> None:
    html = (
        "<html><head><title>T</title><style>p{}</style></head><body><!-- > --><p>Hi&nbsp;<b>An</b>na &lt;3</p>"
        "<div>one<br>two</div><ul><li>a<li>b</ul><table><tr><td>x</td><td>y</td></tr></table>"
        '<script>if (a < b) alert("x")</script>see <a href="https://lumi.example/x" title="a > b">this</a>'
    )
    assert text_of_html(html) == "Hi Anna <3\n\none\ntwo\n- a\n- b\nx y\nsee this <https://lumi.example/x>"


def test_lines_that_were_set_in_html_stay_lines() -> None:
    assert text_of_html("<p>Prices:</p><pre>cut   20\ncolour 40</pre>") == "Prices:\n\ncut   20\ncolour 40"


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote"><div>On Friday, Lumi wrote:</div><blockquote>old</blockquote></div>',
        '<blockquote type="cite"><div>old<br>old</div></blockquote>',
        '<div id="yahoo_quoted_1"><p>old</p></div>',
        '<hr><div id="divRplyFwdMsg"><b>From:</b> Lumi<br><b>Sent:</b> Friday<br><b>To:</b> me</div><div>old</div>',
        '<div class="gmail_signature">Anna<br>CEO</div>',
    ],
)
def test_quotes_and_signatures_of_html_are_left_out(quote: str) -> None:
    mail = read_letter(f"<div>Tuesday, please.</div>{quote}", Content_Type="text/html; charset=utf-8")
    assert mail.text == "Tuesday, please."
    assert "old" in mail.full_text or "Anna" in mail.full_text


@pytest.mark.parametrize(
    "html", ["a<b", "a <", "1 < 2", "a<!--", "a<script>x", '<p title="x>a', "</p>a", "a&#xD83D;&#0;"]
)
def test_half_a_tag_ends_the_reading_or_is_text(html: str) -> None:
    assert text_of_html(html).startswith(("a", "1 < 2")) or text_of_html(html) == ""
