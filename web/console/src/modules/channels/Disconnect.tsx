import { Alert, Button, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Channel } from '../../api/client';
import { useInterface, useSentence } from '../../language/interface';
import { keys, useDisconnect } from './queries';

/** The button that gives an account up, the question before it, and whether the provider could be told. */
export function Disconnect({ account }: { account: Channel }) {
  const { tr } = useInterface();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const disconnect = useDisconnect(account.id);
  const close = () => {
    setOpen(false);
    if (disconnect.data) void client.invalidateQueries({ queryKey: keys.all });
    else disconnect.reset();
  };
  return (
    <>
      <Button variant="subtle" color="red" size="xs" onClick={() => setOpen(true)}>
        {tr('disconnect')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={tr('disconnect_name', { name: account.name })}
        closeButtonProps={{ 'aria-label': tr('close') }}
        centered
      >
        {disconnect.data ? (
          <Done isTold={disconnect.data.provider_told} close={close} />
        ) : (
          <Question disconnect={disconnect} close={close} />
        )}
      </Modal>
    </>
  );
}

function Question({
  disconnect,
  close,
}: {
  disconnect: ReturnType<typeof useDisconnect>;
  close: () => void;
}) {
  const { tr } = useInterface();
  const sentence = useSentence();
  return (
    <>
      <p>{tr('disconnect_means')}</p>
      {disconnect.error && (
        <Alert color="red" role="alert">
          {sentence(disconnect.error)}
        </Alert>
      )}
      <div className="troubled-ways">
        <Button color="red" loading={disconnect.isPending} onClick={() => disconnect.mutate()}>
          {tr('disconnect')}
        </Button>
        <Button variant="default" data-autofocus onClick={close}>
          {tr('cancel')}
        </Button>
      </div>
    </>
  );
}

function Done({ isTold, close }: { isTold: boolean; close: () => void }) {
  const { tr } = useInterface();
  return (
    <>
      <p role="status">{tr(isTold ? 'disconnected_told' : 'disconnected_untold')}</p>
      <div className="troubled-ways">
        <Button onClick={close}>{tr('close')}</Button>
      </div>
    </>
  );
}
