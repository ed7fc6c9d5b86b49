### What a channel says about receiving messages.

# START is the word to send, in capitals and in every language the same.
channels-stopped = Certo: não vai receber mais mensagens nossas por aqui. Para voltar a receber, escreva START.
channels-resumed = Que bom ter notícias suas! Vai voltar a receber as nossas mensagens.
# On the button that opens a list of choices; at most 20 characters.
channels-choose = Escolher

## O que se passa com uma conta, para a equipa: o que é e o que fazer

# $expected: quantas mensagens costumam chegar nesse tempo
channels-alert-silent = Não chegou nada, quando o habitual { $expected ->
        [one] é uma mensagem
       *[other] são cerca de { $expected } mensagens
    }. Escreva o senhor mesmo para a conta; se nada aparecer aqui, ligue-a de novo.
# $channel: o nome do canal; $days: dias inteiros que restam
channels-alert-token-expiring =
    { $days ->
        [0] O acesso a { $channel } termina em menos de um dia.
        [1] O acesso a { $channel } termina dentro de um dia.
       *[other] O acesso a { $channel } termina dentro de { $days } dias.
    } Ligue a conta de novo com outro token.
channels-alert-token-ended = O acesso a { $channel } terminou. Ligue a conta de novo com outro token.
channels-alert-token-refused = { $channel } recusa o token de acesso. Nada pode ser enviado até a conta ser ligada com um novo.
channels-alert-mailbox-shut = Esta caixa de correio já não deixa entrar o Lumi: a palavra-passe ou a autorização para o Lumi mudou ou terminou. Nada entra e nada sai até a conta ser ligada de novo; o que espera sai então.
# $failed de $tried mensagens
channels-alert-failing = { $failed } das últimas { $tried } mensagens não foram entregues. O último erro diz porquê.
channels-alert-unknown-outcomes =
    { $count ->
        [one] Ninguém sabe se uma mensagem chegou. Pergunte ao cliente ou envie-a de novo.
       *[other] Ninguém sabe se { $count } mensagens chegaram. Pergunte aos clientes ou envie-as de novo.
    }
# $said: as palavras do fornecedor
channels-alert-webhook-broken = { $channel } não consegue entregar mensagens ao Lumi. Diz: { $said }
channels-alert-webhook-not-set = { $channel } não entrega mensagens a ninguém. Ligue a conta de novo.
channels-alert-webhook-elsewhere = { $channel } entrega as mensagens noutro endereço. Ligue a conta de novo se deve ser este.
channels-alert-webhook-unsubscribed = { $channel } terminou a subscrição das mensagens. Ligue a conta de novo.
# $said: the provider's own words
channels-alert-unread = As novas mensagens de { $channel } não podem ser lidas. Diz: { $said }
channels-alert-unread-unreachable = Não se consegue chegar a { $channel }, por isso as novas mensagens não se veem. Esperam lá, e o Lumi tenta de novo sozinho.

## Porque é que uma mensagem não pôde ser enviada, para a equipa

channels-failure-token = { $channel } recusa o token de acesso.
channels-failure-mailbox-shut = Esta caixa de correio já não deixa entrar o Lumi. Ligue a conta de novo.
channels-failure-policy = { $channel } limitou ou bloqueou esta conta.
channels-failure-window = { $channel } não deixa escrever tanto tempo depois da última mensagem do cliente.
channels-failure-recipient = Não é possível contactar este cliente em { $channel }.
channels-failure-content = { $channel } não aceita esta mensagem tal como está.
channels-failure-template = { $channel } não aceita este modelo.
channels-failure-registration = A conta não está registada em { $channel }.
channels-failure-busy = { $channel } pede que se escreva mais devagar. O Lumi continua sozinho.
channels-failure-unreachable = Não é possível contactar { $channel }. O Lumi tenta de novo sozinho.
channels-failure-unknown = Ninguém sabe se chegou: { $channel } não respondeu.
channels-failure-other = { $channel } recusou a mensagem.

## Quando o Lumi desistiu; o que o fornecedor respondeu

channels-given-up-busy = O Lumi desistiu: { $channel } continuou a pedir que se escrevesse mais devagar.
channels-given-up-unreachable = O Lumi desistiu: não foi possível contactar { $channel } durante demasiado tempo.
channels-provider-said = A resposta foi: { $said }

## Porque é que uma mensagem não saiu, ou ainda não

channels-gate-human-holds = Uma pessoa assumiu a conversa.
channels-gate-stopped = Este cliente pediu para não receber mais mensagens.
channels-gate-too-late = Já era tarde de mais para o dizer.
channels-gate-quiet-hours = Sai quando acabarem as horas de silêncio do cliente.
channels-gate-no-consent = Este hóspede não aceitou receber mensagens sem as pedir.
channels-gate-opted-out = Este hóspede não quer nada neste canal sem o pedir.
channels-gate-blocked = Este hóspede bloqueou esta conta.
channels-gate-day-full = A este cliente já se escreveu por iniciativa própria tantas vezes quantas se permite num dia.
channels-gate-week-full = A este cliente já se escreveu por iniciativa própria tantas vezes quantas se permite numa semana.
channels-gate-moved = Foi dito noutra conversa deste cliente.
channels-file-gone = O ficheiro foi eliminado ou já não pode ser entregue.
