### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = Understood: you will receive nothing more from us here. To resume, write START.
channels-resumed = Welcome back! You will receive our messages again.
# On the button that opens a list of choices; at most 20 characters.
channels-choose = Choose

## What is wrong with an account, for staff: what it is, and what to do

# $expected: how many messages usually come in that time
channels-alert-silent = Nothing has come in where { $expected ->
        [one] one message is usual
       *[other] about { $expected } messages are usual
    }. Write to the account yourself; if nothing appears here, connect it again.
# $channel: the name of the channel; $days: whole days left
channels-alert-token-expiring =
    { $days ->
        [0] The access to { $channel } ends within a day.
        [one] The access to { $channel } ends in one day.
       *[other] The access to { $channel } ends in { $days } days.
    } Connect the account again with a new token.
channels-alert-token-ended = The access to { $channel } has ended. Connect the account again with a new token.
channels-alert-token-refused = { $channel } refuses the access token. Nothing can be sent until the account is connected again with a new one.
channels-alert-mailbox-shut = This mailbox does not let Lumi in any more: its password or the permission for Lumi has changed or ended. Nothing comes in and nothing leaves until the account is connected again; what waits leaves then.
# $failed of $tried messages
channels-alert-failing = { $failed } of the last { $tried } messages were not delivered. The last error says why.
channels-alert-unknown-outcomes =
    { $count ->
        [one] Nobody can tell whether one message arrived. Ask the guest, or send it again.
       *[other] Nobody can tell whether { $count } messages arrived. Ask the guests, or send them again.
    }
# $said: the provider's own words
channels-alert-webhook-broken = { $channel } cannot hand messages over to Lumi. It says: { $said }
channels-alert-webhook-not-set = { $channel } hands messages over to nobody. Connect the account again.
channels-alert-webhook-elsewhere = { $channel } hands messages over to another address. Connect the account again if it should be this one.
channels-alert-webhook-unsubscribed = { $channel } has ended the subscription to messages. Connect the account again.
# $said: the provider's own words
channels-alert-unread = New messages on { $channel } cannot be read. It says: { $said }
channels-alert-unread-unreachable = { $channel } cannot be reached, so new messages are not seen. They wait there, and Lumi tries again by itself.

## Why a message could not be sent, for staff

channels-failure-token = { $channel } refuses the access token.
channels-failure-mailbox-shut = This mailbox does not let Lumi in any more. Connect the account again.
channels-failure-policy = { $channel } has limited or blocked this account.
channels-failure-window = { $channel } lets nobody write so long after the guest’s last message.
channels-failure-recipient = This guest cannot be reached on { $channel }.
channels-failure-content = { $channel } does not accept this message as it is.
channels-failure-template = { $channel } does not accept this template.
channels-failure-registration = The account is not registered at { $channel }.
channels-failure-busy = { $channel } asks to write more slowly. Lumi goes on by itself.
channels-failure-unreachable = { $channel } cannot be reached. Lumi tries again by itself.
channels-failure-unknown = Nobody can tell whether it arrived: { $channel } gave no answer.
channels-failure-other = { $channel } refused the message.

## When Lumi gave up; what the provider answered

channels-given-up-busy = Lumi gave up: { $channel } went on asking to write more slowly.
channels-given-up-unreachable = Lumi gave up: { $channel } could not be reached for too long.
channels-provider-said = It said: { $said }

## Why a message did not leave, or not yet

channels-gate-human-holds = A person took over the conversation.
channels-gate-stopped = This guest asked not to be written to any more.
channels-gate-too-late = It came too late to be said.
channels-gate-quiet-hours = It leaves when the guest’s quiet hours are over.
channels-gate-no-consent = This guest has not agreed to be written to unasked.
channels-gate-opted-out = This guest wants nothing unasked on this channel.
channels-gate-blocked = This guest does not let this account write to them.
channels-gate-day-full = This guest was written to unasked as often as is allowed in one day.
channels-gate-week-full = This guest was written to unasked as often as is allowed in one week.
channels-gate-moved = It was said in another conversation of this guest.
channels-file-gone = The file was deleted, or may not be handed out any more.
