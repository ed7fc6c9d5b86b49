"""What the tenant of the benchmark knows, and what it is asked about it."""

from __future__ import annotations

from benchmarks.line_parts.ground import Ground

_TOPICS = {
    "opening hours": ("When are you open on Sunday?", "We open on Sundays from nine in the morning to two."),
    "parking": ("Where can I park my car?", "There is free parking for guests behind the house."),
    "breakfast": ("What time is breakfast served?", "Breakfast is served from seven to half past ten."),
    "wifi": ("What is the password of the wifi?", "The wifi password is on the card in your room."),
    "pets": ("Are dogs allowed in the rooms?", "Dogs are welcome for ten euros a night."),
    "checkout": ("How late can I check out?", "Please check out by eleven; later costs twenty euros."),
    "pool": ("Is the swimming pool heated?", "The pool is heated from April to October."),
    "cancel": ("Can I cancel my booking for free?", "You can cancel for free until two days before arrival."),
    "airport": ("How do I get to you from the airport?", "Bus 12 takes you from the airport to our door."),
    "card": ("Do you accept payment by card?", "We accept cards, cash and bank transfer."),
    "towels": ("How often are the towels changed?", "Towels are changed every second day, or when you ask."),
    "children": ("Is there a cot for children?", "A cot is free for children under three."),
}
QUESTIONS = [question for question, _ in _TOPICS.values()]


async def teach(ground: Ground) -> int:
    """Store the entries through knowledge's own door; returns how many there are."""
    from lumi.core.context import SYSTEM, Context
    from lumi.core.db import Database
    from lumi.modules.knowledge import public as knowledge
    from lumi.modules.knowledge.public import DocumentKind, Draft

    if ground.tenant_id is None:
        raise ValueError("there is no tenant yet")
    db = await Database.open(ground.server.app_url, pool_size=1)
    try:
        async with db.transaction(ground.tenant_id) as session:
            ctx = Context(session, ground.tenant_id, SYSTEM)
            for question, answer in _TOPICS.values():
                await knowledge.store_document(ctx, Draft(DocumentKind.FAQ, "en", question, answer))
    finally:
        await db.close()
    return len(_TOPICS)
