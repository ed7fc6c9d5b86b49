import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { ChannelConnected } from '../../api/client';
import { useInterface } from '../../language/interface';
import { useWasHeard } from './queries';

/** An account was connected: what is left to be entered at the provider, and whether anything has come in. */
export function Connected({ made, again }: { made: ChannelConnected; again: () => void }) {
  const { tr } = useInterface();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { account, verify_token } = made;
  return (
    <section className="connect">
      <h2 ref={heading} tabIndex={-1}>
        {tr('connected', { name: account.name })}
      </h2>
      <p>{tr(verify_token ? 'connected_enter' : 'connected_nothing')}</p>
      {account.webhook_url && <ToCopy label={tr('webhook_url')} value={account.webhook_url} />}
      {verify_token && <ToCopy label={tr('need_verify_token')} value={verify_token} />}
      <Heard account={account.id} />
      <div className="troubled-ways">
        <Button component={Link} to="/channels">
          {tr('channels')}
        </Button>
        <Button variant="default" onClick={again}>
          {tr('connect_more')}
        </Button>
      </div>
    </section>
  );
}

function ToCopy({ label, value }: { label: string; value: string }) {
  const { tr } = useInterface();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    field.current?.select();
    // Only secure pages have a clipboard; elsewhere the text stands selected, ready for the keyboard.
    void navigator.clipboard?.writeText(value).then(() => setCopied(true));
  };
  return (
    <div className="to-copy">
      <TextInput ref={field} label={label} value={value} readOnly dir="ltr" />
      <Button variant="default" onClick={copy} aria-label={`${tr('copy')}: ${label}`}>
        {tr('copy')}
      </Button>
      <span role="status">{isCopied && tr('copied')}</span>
    </div>
  );
}

function Heard({ account }: { account: string }) {
  const { tr } = useInterface();
  const wasHeard = useWasHeard(account);
  return <p role="status">{tr(wasHeard ? 'connected_heard' : 'connected_waiting')}</p>;
}
