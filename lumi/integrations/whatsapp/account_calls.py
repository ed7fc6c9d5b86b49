"""What concerns the business account rather than one message: where events go, and which templates there are."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.whatsapp.calls import GraphCalls, object_in, refused_here, unanswered
from lumi.integrations.whatsapp.identity import identifier

TEMPLATES_A_PAGE = 200
MOST_PAGES = 50
_FIELDS = "id,name,language,status,category,parameter_format,rejected_reason,quality_score,components"


@dataclass(frozen=True, slots=True)
class Template:
    """A template as WhatsApp knows it, in its own words: `status` is APPROVED when it may be sent."""

    id: str
    name: str
    language: str
    status: str
    category: str
    body: str
    """The text with its places, as `Your table for {{1}}`."""
    quality: str | None
    rejected_reason: str | None
    components: tuple[dict[str, object], ...]


class AccountCalls(GraphCalls):
    """Calls about a business account, by its WABA id."""

    async def subscribe_app(self, waba_id: str, callback_url: str, verify_token: str) -> None:
        """Have the account's events posted here; WhatsApp asks the address for its challenge before it says yes."""
        if not callback_url.startswith(("https://", "http://")) or not verify_token:
            raise refused_here("a webhook needs an address and a verify token")
        wish: dict[str, object] = {"override_callback_uri": callback_url, "verify_token": verify_token}
        url = self._object_url(waba_id, "/subscribed_apps")
        answer = await self._call_harmless("POST", url, wish, timeout=30.0)
        if object_in(answer).get("success") is not True:
            raise unanswered("it answered without success", answer.status, answer.body)

    async def list_templates(self, waba_id: str) -> tuple[Template, ...]:
        """Every template of the account, at most 10,000, approved or not; entries that cannot be read are left out."""
        found: list[Template] = []
        after: str | None = None
        for _ in range(MOST_PAGES):
            query = {"fields": _FIELDS, "limit": str(TEMPLATES_A_PAGE), **({"after": after} if after else {})}
            url = self._object_url(waba_id, f"/message_templates?{urlencode(query)}")
            page = object_in(await self._call("GET", url, repeatable=True))
            found += [each for item in as_list(page.get("data")) if (each := _template(as_object(item)))]
            paging = as_object(page.get("paging"))
            after = as_text(as_object(paging.get("cursors")).get("after"))
            if not after or not paging.get("next"):
                break
        return tuple(found)


def _template(item: dict[str, object]) -> Template | None:
    template_id = identifier(item.get("id"))
    name, language = as_text(item.get("name")), as_text(item.get("language"))
    if template_id is None or not name or not language:
        return None
    components = tuple(as_object(each) for each in as_list(item.get("components")))
    bodies = (as_text(each.get("text")) for each in components if str(each.get("type")).upper() == "BODY")
    reason = as_text(item.get("rejected_reason"))
    return Template(
        id=template_id,
        name=name,
        language=language,
        status=as_text(item.get("status")) or "",
        category=as_text(item.get("category")) or "",
        body=next((each for each in bodies if each), ""),
        quality=as_text(as_object(item.get("quality_score")).get("score")),
        rejected_reason=None if reason in (None, "NONE") else reason,
        components=components,
    )
