"""The calls we make to WhatsApp, one business number each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lumi.core.http import OutcomeUnknown, Response
from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.graph import tokens
from lumi.integrations.whatsapp.account_calls import AccountCalls
from lumi.integrations.whatsapp.calls import object_in, refused_here
from lumi.integrations.whatsapp.choices import Button, Section, buttons_body, list_body
from lumi.integrations.whatsapp.errors import TARGET, GraphRejected
from lumi.integrations.whatsapp.identity import international, is_user_id
from lumi.integrations.whatsapp.media_calls import MediaCalls
from lumi.integrations.whatsapp.outgoing import (
    LONGEST_TEXT,
    Body,
    MediaKind,
    MediaOptions,
    location_body,
    media_body,
    reaction_body,
    template_body,
    text_body,
)

__all__ = ["LONGEST_CALLBACK_DATA", "LONGEST_TEXT", "TARGET", "PhoneNumber", "SentMessage", "WhatsApp"]

LONGEST_CALLBACK_DATA = 512


@dataclass(frozen=True, slots=True)
class SentMessage:
    """WhatsApp took the message: accepted, not yet sent. The ids of its recipient as WhatsApp knows them."""

    id: str
    wa_id: str | None
    user_id: str | None
    held: bool = False
    """A template that WhatsApp keeps back until it has looked at it; it may still fail."""


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """The business number itself, as people see it."""

    id: str
    display_phone_number: str
    verified_name: str


class WhatsApp(MediaCalls, AccountCalls):
    """Sends from one business number; every send is a single attempt.

    What goes wrong is Unavailable, RateLimited (as `Throttled`), Rejected (as `GraphRejected`, with code,
    details and reason) or OutcomeUnknown: it may or may not have been carried out.

    All sends go to a phone number or a BSUID. `callback_data` comes back with each of their statuses,
    `reply_to` is the id of the message they quote, and `attempt` counts earlier refusals in a row and makes
    `retry_after` grow. What is beyond WhatsApp's limits is refused without a call, with status 0.
    """

    async def send_text(
        self, to: str, body: str, *, callback_data: str, reply_to: str | None = None, attempt: int = 0
    ) -> SentMessage:
        """Send a text of at most 4096 characters."""
        return await self._send(to, text_body(body), callback_data, reply_to, attempt)

    async def send_buttons(
        self,
        to: str,
        body: str,
        buttons: Sequence[Button],
        *,
        callback_data: str,
        header: str | None = None,
        footer: str | None = None,
        reply_to: str | None = None,
        attempt: int = 0,
    ) -> SentMessage:
        """Send a text with 1 to 3 reply buttons."""
        message = buttons_body(body, buttons, header, footer)
        return await self._send(to, message, callback_data, reply_to, attempt)

    async def send_list(
        self,
        to: str,
        body: str,
        label: str,
        sections: Sequence[Section],
        *,
        callback_data: str,
        header: str | None = None,
        footer: str | None = None,
        reply_to: str | None = None,
        attempt: int = 0,
    ) -> SentMessage:
        """Send a text with a button of this `label` that opens a list of at most ten rows."""
        message = list_body(body, label, sections, header, footer)
        return await self._send(to, message, callback_data, reply_to, attempt)

    async def send_template(
        self,
        to: str,
        name: str,
        language: str,
        *,
        callback_data: str,
        parameters: Sequence[str] | Mapping[str, str] = (),
        components: Sequence[Mapping[str, object]] = (),
        attempt: int = 0,
    ) -> SentMessage:
        """Send an approved template: `parameters` fill its body by place or by name.

        `components` are headers and buttons in WhatsApp's own form.
        """
        message = template_body(name, language, parameters, components)
        return await self._send(to, message, callback_data, None, attempt)

    async def send_media(
        self,
        to: str,
        kind: MediaKind,
        *,
        callback_data: str,
        media_id: str | None = None,
        link: str | None = None,
        caption: str | None = None,
        filename: str | None = None,
        voice: bool = False,
        reply_to: str | None = None,
        attempt: int = 0,
    ) -> SentMessage:
        """Send an uploaded file by its `media_id`, or one that WhatsApp fetches from `link`.

        `caption` goes with images, videos and documents, `filename` with documents; `voice` shows an audio
        of Ogg with Opus as a voice note.
        """
        message = media_body(kind, media_id, link, MediaOptions(caption, filename, voice))
        return await self._send(to, message, callback_data, reply_to, attempt)

    async def send_reaction(
        self, to: str, message_id: str, emoji: str, *, callback_data: str, attempt: int = 0
    ) -> SentMessage:
        """Put an emoji on a message of the last 30 days, or with "" take it away."""
        return await self._send(to, reaction_body(message_id, emoji), callback_data, None, attempt)

    async def send_location(
        self,
        to: str,
        latitude: float,
        longitude: float,
        *,
        callback_data: str,
        name: str | None = None,
        address: str | None = None,
        reply_to: str | None = None,
        attempt: int = 0,
    ) -> SentMessage:
        """Send a place on the map."""
        message = location_body(latitude, longitude, name, address)
        return await self._send(to, message, callback_data, reply_to, attempt)

    async def mark_read(self, message_id: str, *, typing: bool = False) -> None:
        """Show that this message and those before it were read; `typing` lasts 25 s or until we answer."""
        notice: Body = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
        if typing:
            notice["typing_indicator"] = {"type": "text"}
        await self._call("POST", f"{self._number_url}/messages", notice, timeout=5.0)

    async def describe_number(self) -> PhoneNumber:
        """The number these calls are made from: tells whether address, token and id are right."""
        fields = "?fields=display_phone_number,verified_name"
        found = object_in(await self._call("GET", self._number_url + fields))
        return PhoneNumber(
            self._phone_number_id,
            as_text(found.get("display_phone_number")) or "",
            as_text(found.get("verified_name")) or "",
        )

    async def token_expires_at(self) -> datetime | None:
        """When the token ends, None when it never does, as a system user's; refuses one that is not valid any more."""
        token = self._headers["Authorization"].removeprefix("Bearer ")
        answer = await self._call("GET", f"{self._version_url}/{tokens.asked_of(token)}", repeatable=True)
        info = tokens.info_in(object_in(answer))
        if not info.is_valid:
            raise GraphRejected(answer.status, info.code, info.said)
        return info.expires_at

    async def _send(
        self, to: str, message: Body, callback_data: str, reply_to: str | None, attempt: int
    ) -> SentMessage:
        if len(callback_data) > LONGEST_CALLBACK_DATA:
            raise refused_here(f"callback data has at most {LONGEST_CALLBACK_DATA} characters")
        whole: Body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **message,
            "biz_opaque_callback_data": callback_data,
        }
        if is_user_id(to):
            whole["recipient"] = to
        else:
            whole["to"] = international(to)
        if reply_to is not None:
            whole["context"] = {"message_id": reply_to}
        return _sent(await self._call("POST", f"{self._number_url}/messages", whole, attempt=attempt))


def _sent(answer: Response) -> SentMessage:
    """What the answer says was taken; one without a message id leaves us not knowing."""
    found = object_in(answer)
    message = as_object(next(iter(as_list(found.get("messages"))), None))
    contact = as_object(next(iter(as_list(found.get("contacts"))), None))
    message_id = as_text(message.get("id"))
    if not message_id:
        unknown = OutcomeUnknown("it answered without a message id", status=answer.status, body=answer.body)
        unknown.target = TARGET
        raise unknown
    held = message.get("message_status") == "held_for_quality_assessment"
    return SentMessage(message_id, as_text(contact.get("wa_id")), as_text(contact.get("user_id")), held)
