import { Kbd, Modal, Switch } from '@mantine/core';
import { useInterface, type TextKey } from '../../language/interface';
import { KEYS, type Action } from './shortcuts';

const WORDS: Record<Action, TextKey> = {
  next: 'shortcut_next',
  previous: 'shortcut_previous',
  reply: 'shortcut_reply',
  take_over: 'take_over',
  hand_back: 'hand_back',
  list: 'shortcut_list',
  help: 'shortcut_help',
};

interface Props {
  opened: boolean;
  close: () => void;
  isOn: boolean;
  setOn: (on: boolean) => void;
}

export function ShortcutHelp({ opened, close, isOn, setOn }: Props) {
  const { tr } = useInterface();
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={tr('shortcuts')}
      closeButtonProps={{ 'aria-label': tr('close') }}
      lockScroll={false}
    >
      <dl className="shortcuts">
        {(Object.keys(KEYS) as Action[]).map((action) => (
          <div key={action}>
            <dt>{tr(WORDS[action])}</dt>
            <dd>
              <Kbd>{KEYS[action] === 'Escape' ? 'Esc' : KEYS[action]}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        label={tr('shortcuts_on')}
        checked={isOn}
        onChange={(event) => setOn(event.currentTarget.checked)}
      />
    </Modal>
  );
}
