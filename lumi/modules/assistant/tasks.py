"""Background entry points of the assistant: the turn of a lane, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.lanes import LaneHandler
from lumi.core.realtime import Realtime
from lumi.core.runner import Alive
from lumi.modules.assistant.events import Forget, ForgetOld, QuestionUnanswered
from lumi.modules.assistant.repository import Turns
from lumi.modules.assistant.rules import ReplyBudget
from lumi.modules.assistant.services import forgetting
from lumi.modules.assistant.services.delivering import Deliverer
from lumi.modules.assistant.services.packing import Packer
from lumi.modules.assistant.services.reaching import Reacher
from lumi.modules.assistant.services.surroundings import Surroundings
from lumi.modules.assistant.services.turn import TurnTaker
from lumi.modules.channels import public as channels
from lumi.modules.files import public as files
from lumi.modules.knowledge import public as knowledge


def turn_taker(
    db: Database,
    pulse: Alive,
    sender: channels.Sender,
    realtime: Realtime,
    recall: knowledge.Recall,
    vault: files.Vault,
    *,
    courtesies: channels.Courtesies,
    budget: ReplyBudget,
    out_of_memory: Callable[[], None] | None = None,
) -> LaneHandler:
    """What a worker does when it is a lane's turn; `out_of_memory` is called when a turn is."""
    turns = Turns(db, pulse.worker)
    around = Surroundings(db, recall)
    packer = Packer(sender, vault)
    deliverer = Deliverer(turns, sender, Reacher(db, turns), packer, is_alive=lambda: pulse.fresh)
    return TurnTaker(
        turns, deliverer, realtime,
        knowledge=around.answer, speakers=around.speaker, introduce=around.introduce, courtesies=courtesies,
        budget=budget, out_of_memory=out_of_memory,
    )  # fmt: skip


async def note_gap(ctx: Context, event: QuestionUnanswered) -> None:
    """Put an unanswered question on the list of gaps; the same question is counted, not repeated."""
    await knowledge.log_gap(ctx, question=event.question, lang=event.lang)


async def forget_old(db: Database, task: ForgetOld) -> None:
    """Have every tenant forget what is older than the installation keeps."""
    await forgetting.forget_old(db, task)


async def forget(ctx: Context, task: Forget) -> None:
    """The next piece of what a tenant forgets."""
    await forgetting.forget(ctx, task)
