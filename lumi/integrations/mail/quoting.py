"""What a mail adds to its thread: its words without the history it repeats, and without signatures.

Mail programs mark both in their own way and in the language of their owner. When nothing would be left, as in a
mail that only passes another one on, everything is.
"""

import re

_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_MARKUP = re.compile(r"[*_]")
_QUOTED = re.compile(r"\s{0,3}>")
_RULE = re.compile(r"\s*[_\-=\u2014\u2500*]{3,}\s*")
_TIME = re.compile(r"\d{1,2}\s?[:.h]\s?\d{2}|[\u0660-\u0669]{1,2}:[\u0660-\u0669]{2}|\d{4}|@")
_DIGIT = re.compile(r"\d")
_ADDRESSED = re.compile(r"<[^<>\s]+@[^<>\s]+>\s*:$")
_LONGEST_ATTRIBUTION = 400
_ATTRIBUTION_LINES = 4

# "On … wrote:", as each program's language says it: how it begins (if that is fixed), and its verb.
_ATTRIBUTIONS = re.compile(
    r"(?:on\b.*\bwrote"
    r"|(?:am|den)\b.*\bschrieb\b.*"
    r"|le\b.*\ba\s+écrit"
    r"|el\b.*\bescribi[óo]"
    r"|il\b.*\bha\s+scritto"
    r"|(?:em|a|no dia)\b.*\bescreveu"
    r"|.*(?:написала?|написал\(а\)|пишет|писала?)"
    r"|(?:في|بتاريخ|يوم).*(?:كتب|كتبت|كتابة).*"
    r")\s*:",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"\s*-{2,}\s*(?:original message|reply message|original appointment"
    r"|ursprüngliche nachricht|original-?nachricht|originalnachricht"
    r"|message d['\u2019]origine|message original|courriel original"
    r"|mensaje original|mensagem original|messaggio originale"
    r"|исходное сообщение|оригинальное сообщение|пересылаемое сообщение"
    r"|الرسالة الأصلية|رسالة أصلية)\s*-{2,}\s*",
    re.IGNORECASE,
)
_FROM = re.compile(r"\s*(?:from|von|de|da|от|от кого|من)\s*:\s*\S", re.IGNORECASE)
_BESIDE_FROM = re.compile(
    r"\s*(?:sent|date|to|subject|cc|reply-to"
    r"|gesendet|datum|an|betreff"
    r"|envoyé|envoyé le|à|objet|date d['\u2019]envoi"
    r"|enviado|enviado el|enviada|enviada em|enviado em|fecha|para|asunto|assunto|data"
    r"|inviato|a|oggetto"
    r"|отправлено|дата|кому|тема|копия"
    r"|تاريخ الإرسال|أرسلت|التاريخ|إلى|الموضوع|نسخة)\s*:",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"\s*-{3,}\s*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado"
    r"|messaggio inoltrato|mensagem encaminhada|пересылаемое сообщение|رسالة معاد توجيهها)\b.*"
    r"|begin forwarded message:",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s?|[_\u2014]{2}\s?")
_DEVICE_SIGNATURE = re.compile(
    r"(?:sent (?:from|via|with) (?:my )?\S.{0,60}|get outlook for (?:ios|android).{0,60}"
    r"|(?:von meinem|gesendet von|gesendet mit|von mein)\b.{0,60}"
    r"|(?:envoyé (?:de|depuis|à partir de)|télécharge[zr] outlook)\b.{0,60}"
    r"|(?:enviado (?:desde|do|a partir|de)|obtener outlook|obter o outlook|obtén outlook)\b.{0,60}"
    r"|(?:inviato d(?:a|al|all['\u2019])|ottieni outlook|scarica outlook)\b.{0,60}"
    r"|(?:отправлено (?:с|из)|скачать outlook)\b.{0,60}"
    r"|(?:أُ?رسلت? من|تم الإرسال من|الحصول على outlook).{0,60})",
    re.IGNORECASE,
)
_DEVICES = re.compile(
    r"iphone|ipad|ios|android|samsung|galaxy|huawei|xiaomi|pixel|blackberry|windows|outlook|yahoo|gmail|mobile|mobil"
    r"|móvil|celular|handy|smartphone|telefon|téléphone|teléfono|telefono|telefone|tablet|телефон|айфон|mail|هاتف"
    r"|جوال|آيفون|الـ",
    re.IGNORECASE,
)


def own_words(full_text: str) -> str:
    """The words of the mail itself; all of them when nothing else would be left."""
    lines = full_text.split("\n")
    kept = _without_signature(_without_history(lines))
    return "\n".join(kept).strip() or full_text.strip()


def _without_history(lines: list[str]) -> list[str]:
    """Without quoted lines and what announces them; without all that follows a mark after which nobody writes."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = _plain(lines[at])
        if _FORWARDED.fullmatch(line):
            return kept + lines[at:]
        if _QUOTED.match(line):
            at += 1
            continue
        length = _attribution_length(lines, at)
        if length:
            if not _is_quoted_after(lines, at + length):
                return kept
            at += length
            continue
        if _begins_history(lines, at, line) and any(each.strip() for each in kept):
            return kept
        kept.append(lines[at])
        at += 1
    return kept


def _begins_history(lines: list[str], at: int, line: str) -> bool:
    if _ORIGINAL.fullmatch(line):
        return True
    if not _FROM.match(line):
        return False
    beside = [_plain(each) for each in lines[at + 1 : at + 8] if each.strip()][:5]
    return sum(_BESIDE_FROM.match(each) is not None for each in beside) >= 2


def _attribution_length(lines: list[str], at: int) -> int:
    """How many lines from here are one "On … wrote:", which programs fold as they like; 0: none."""
    joined = ""
    for length in range(1, _ATTRIBUTION_LINES + 1):
        line = _plain(lines[at + length - 1]).strip() if at + length <= len(lines) else ""
        if not line or len(joined) + len(line) > _LONGEST_ATTRIBUTION or _QUOTED.match(line):
            return 0
        joined = f"{joined} {line}".strip()
        if line.endswith(":") and _is_attribution(joined):
            return length
    return 0


def _is_attribution(line: str) -> bool:
    if _ADDRESSED.search(line) and _DIGIT.search(line):
        return True
    return _TIME.search(line) is not None and _ATTRIBUTIONS.fullmatch(line) is not None


def _is_quoted_after(lines: list[str], at: int) -> bool:
    """Whether the history is marked line by line, so that words between its lines are the writer's own."""
    following = next((each for each in lines[at : at + 5] if each.strip()), "")
    return _QUOTED.match(following) is not None


def _without_signature(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        if _SIGNATURE.fullmatch(line) and any(each.strip() for each in lines[:at]):
            lines = lines[:at]
            break
    end = len(lines)
    while end and (not lines[end - 1].strip() or _RULE.fullmatch(lines[end - 1]) or _is_from_device(lines[end - 1])):
        end -= 1
    return lines[:end]


def _is_from_device(line: str) -> bool:
    plain = _plain(line).strip().strip("[](){}<>.* ")
    return _DEVICE_SIGNATURE.fullmatch(plain) is not None and _DEVICES.search(plain) is not None


def _plain(line: str) -> str:
    """The line without what cannot be seen and without marks of emphasis."""
    return _MARKUP.sub("", _INVISIBLE.sub("", line.replace("\xa0", " ").replace("\u202f", " ")))[
        : 2 * _LONGEST_ATTRIBUTION
    ]
