"""How the twin misbehaves besides what every twin does: at each step of a mail, and while it is waited for mail."""

from dataclasses import dataclass

from lumi.integrations.twin import faults


@dataclass(frozen=True, slots=True)
class Faults(faults.Faults):
    """What goes wrong and how often. All at rest: nothing does.

    `status` and `error_code` are the reply to what is refused: 451 and 471 are `451 4.7.1`. `fail_rate` refuses
    senders; what hangs, hangs after the last dot. There are no webhooks: mails come in twice instead.
    """

    status: int = 451
    error_code: int = 430
    refuse_recipient_rate: float = 0.0
    """Recipients refused with `status` and `error_code`."""
    refuse_content_rate: float = 0.0
    """Mails refused so after their last dot."""
    refuse_smtp_login_rate: float = 0.0
    """Logins refused so, whatever the password."""
    disconnect_before_accept_rate: float = 0.0
    """Mails in the middle of which the connection breaks, nothing taken."""
    imap_busy_rate: float = 0.0
    """IMAP logins answered with NO [UNAVAILABLE]."""
    imap_limit_rate: float = 0.0
    """IMAP logins answered with NO [LIMIT]."""
    imap_hang_rate: float = 0.0
    """IMAP commands never answered."""
    sent_hang_rate: float = 0.0
    """IMAP commands never answered while the folder of what was sent is open."""
    sent_limit_rate: float = 0.0
    """IMAP commands answered with NO [LIMIT] while it is."""
    megabyte_ms: float = 0.0
    """How long a megabyte of mails takes to be handed out."""
    drop_idle_rate: float = 0.0
    """Waits for mail that end with BYE and a closed connection as soon as they begin."""
    unreadable_rate: float = 0.0
    """Mails that cannot be fetched whole."""
    refuse_grant_rate: float = 0.0
    """Refresh tokens that are exchanged for nothing any more: `invalid_grant`."""
    token_fail_rate: float = 0.0
    """Exchanges answered with 500."""
    token_delay_ms: float = 0.0
    """Every exchange is answered this much later."""
    rotate_rate: float = 0.0
    """Exchanges that give another refresh token; the one before stays good, as at Microsoft."""
