import { ActionIcon } from '@mantine/core';
import { useRef } from 'react';
import { useInterface } from '../../language/interface';

/** Opens the machine's own way to choose a file. */
export function AttachButton({ choose, isSending }: { choose: (file: File) => void; isSending: boolean }) {
  const { tr } = useInterface();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={tr('file_attach')}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          currentTarget.value = ''; // the same file can be chosen again
          if (file) choose(file);
        }}
      />
      <ActionIcon
        variant="default"
        size="xl"
        disabled={isSending}
        aria-label={tr('file_attach')}
        title={tr('file_attach')}
        onClick={() => input.current?.click()}
      >
        <svg viewBox="0 0 24 24" className="icon" aria-hidden="true">
          <path d="M19.5 11.5l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8.3-8.3a3.1 3.1 0 0 1 4.4 4.4l-8.2 8.2a1.5 1.5 0 0 1-2.2-2.1l7-7" />
        </svg>
      </ActionIcon>
    </>
  );
}
