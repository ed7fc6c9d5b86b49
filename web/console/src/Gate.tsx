import { Button, Loader } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useSyncExternalStore, type ReactNode } from 'react';
import { useInterface } from './language/interface';
import { session, type Granted } from './modules/session/session';
import { SignIn } from './modules/session/SignIn';
import { Trouble } from './style/Trouble';

/** Lets through who is signed in; others sign in and arrive at the address they asked for. */
export function Gate({ children }: { children: (granted: Granted) => ReactNode }) {
  const { tr } = useInterface();
  const state = useSyncExternalStore(session.subscribe, session.snapshot);
  if (state.kind === 'in') return children(state.granted);
  if (state.kind === 'out') return <SignIn hasEnded={state.hasEnded} />;
  return (
    <main className="waiting-room">
      {state.kind === 'unreachable' ? (
        <Trouble problem={state.problem} retry={() => void session.resume()} />
      ) : (
        <Loader aria-label={tr('loading')} role="status" />
      )}
    </main>
  );
}

export function PageMissing() {
  const { tr } = useInterface();
  return (
    <main className="waiting-room">
      <h1>{tr('page_missing')}</h1>
      <Button component={Link} to="/">
        {tr('to_inbox')}
      </Button>
    </main>
  );
}
