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
        [0] The access to { $channel } ends within a day or has ended.
        [one] The access to { $channel } ends in one day.
       *[other] The access to { $channel } ends in { $days } days.
    } Connect the account again with a new token.
channels-alert-token-refused = { $channel } refuses the access token. Nothing can be sent until the account is connected again with a new one.
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

## Why a message could not be sent, for staff

channels-failure-token = { $channel } refuses the access token.
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
