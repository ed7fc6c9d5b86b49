"""The way into channels."""

from lumi.modules.channels.adapters.gmail import GmailAdapter
from lumi.modules.channels.adapters.mailbox import MailboxAdapter
from lumi.modules.channels.adapters.meta import InstagramAdapter, MessengerAdapter
from lumi.modules.channels.adapters.ports import Adapter, FetchesMedia, Inviting, Unite
from lumi.modules.channels.adapters.surface import SurfaceAdapter
from lumi.modules.channels.adapters.telegram import TelegramAdapter
from lumi.modules.channels.adapters.whatsapp import WhatsAppAdapter
from lumi.modules.channels.engine.courtesy import QuietHours, after_quiet, quiet_until
from lumi.modules.channels.engine.media import loaded
from lumi.modules.channels.engine.routes import first_facts
from lumi.modules.channels.engine.templates import Worded
from lumi.modules.channels.errors import (
    MediaTooLarge,
    NoFilesThere,
    NotFetchable,
    SignatureRefused,
    TooLargeThere,
    TypeNotTakenThere,
    UnknownAccount,
    UnknownChannel,
    VerifyTokenRefused,
    WindowClosed,
)
from lumi.modules.channels.events import EventReopened
from lumi.modules.channels.rules import (
    CAPABILITIES,
    Facts,
    Route,
    Verdict,
    chosen,
    gate,
    messages,
    offered,
    only_people,
    parts,
    retry_pause,
)
from lumi.modules.channels.services.connect import Credentials, connect
from lumi.modules.channels.services.courtesies import Courtesies
from lumi.modules.channels.services.enclosing import taken_as, takes_files
from lumi.modules.channels.services.environment import Left, connect_given
from lumi.modules.channels.services.failures import of_send, says_access_ended, says_window_closed
from lumi.modules.channels.services.figures import ask as ask_figures
from lumi.modules.channels.services.forgetting import forget_deliveries, forget_events, threads_after
from lumi.modules.channels.services.identity import find_secret
from lumi.modules.channels.services.inviting import await_grant, invite
from lumi.modules.channels.services.providers import Connected, connect_account, disconnect, get_account
from lumi.modules.channels.services.pull import Puller
from lumi.modules.channels.services.reach import elsewhere, first_route, reopening
from lumi.modules.channels.services.receive import SHORT_PATHS, Receiver
from lumi.modules.channels.services.rehearse import Rehearsal, rehearse
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.services.standing_by import stand_by
from lumi.modules.channels.services.status import Status, list_statuses
from lumi.modules.channels.services.threads import (
    AccountView,
    ThreadView,
    belongs_to,
    commit_delivery,
    find_by_address,
    get_thread,
    hold,
    is_at_rest,
    let_go,
    list_accounts,
    lock,
    send_again,
    threads_belong_to,
)
from lumi.modules.channels.services.words import FILE_GONE, of_alert, of_error, of_failure
from lumi.modules.channels.values.accounts import Account, ConnectedAccount, Need, NewAccount
from lumi.modules.channels.values.incoming import Inbound, Media
from lumi.modules.channels.values.kinds import (
    AccountState,
    AlertKind,
    Author,
    Channel,
    DeliveryState,
    EventKind,
    MessageKind,
    Purpose,
    SettledBy,
    TemplateStatus,
)
from lumi.modules.channels.values.media import Carries, Enclosed, OutgoingFile, Takes
from lumi.modules.channels.values.outgoing import Attention, Capabilities, Outgoing, Sent, Template

# Why a file cannot leave by a channel, known before it is sent.
FILE_REFUSALS = (NoFilesThere, NotFetchable, TypeNotTakenThere, TooLargeThere, WindowClosed)

__all__ = [
    "CAPABILITIES",
    "FILE_GONE",
    "FILE_REFUSALS",
    "SHORT_PATHS",
    "Account",
    "AccountState",
    "AccountView",
    "Adapter",
    "AlertKind",
    "Attention",
    "Author",
    "Capabilities",
    "Carries",
    "Channel",
    "Connected",
    "ConnectedAccount",
    "Courtesies",
    "Credentials",
    "DeliveryState",
    "Enclosed",
    "EventKind",
    "EventReopened",
    "Facts",
    "FetchesMedia",
    "GmailAdapter",
    "Inbound",
    "InstagramAdapter",
    "Inviting",
    "Left",
    "MailboxAdapter",
    "Media",
    "MediaTooLarge",
    "MessageKind",
    "MessengerAdapter",
    "Need",
    "NewAccount",
    "Outgoing",
    "OutgoingFile",
    "Puller",
    "Purpose",
    "QuietHours",
    "Receiver",
    "Rehearsal",
    "Route",
    "Sender",
    "Sent",
    "SettledBy",
    "SignatureRefused",
    "Status",
    "SurfaceAdapter",
    "Takes",
    "TelegramAdapter",
    "Template",
    "TemplateStatus",
    "ThreadView",
    "Unite",
    "UnknownAccount",
    "UnknownChannel",
    "Verdict",
    "VerifyTokenRefused",
    "WhatsAppAdapter",
    "Worded",
    "after_quiet",
    "ask_figures",
    "await_grant",
    "belongs_to",
    "chosen",
    "commit_delivery",
    "connect",
    "connect_account",
    "connect_given",
    "disconnect",
    "elsewhere",
    "find_by_address",
    "find_secret",
    "first_facts",
    "first_route",
    "forget_deliveries",
    "forget_events",
    "gate",
    "get_account",
    "get_thread",
    "hold",
    "invite",
    "is_at_rest",
    "let_go",
    "list_accounts",
    "list_statuses",
    "loaded",
    "lock",
    "messages",
    "of_alert",
    "of_error",
    "of_failure",
    "of_send",
    "offered",
    "only_people",
    "parts",
    "quiet_until",
    "rehearse",
    "reopening",
    "retry_pause",
    "says_access_ended",
    "says_window_closed",
    "send_again",
    "stand_by",
    "taken_as",
    "takes_files",
    "threads_after",
    "threads_belong_to",
]
