import { useEffect, useRef, useState } from 'react';

const SWITCH = 'lumi.console.shortcuts';

export type Action = 'next' | 'previous' | 'reply' | 'take_over' | 'hand_back' | 'list' | 'help';

export const KEYS: Record<Action, string> = {
  next: 'j',
  previous: 'k',
  reply: 'r',
  take_over: 't',
  hand_back: 'h',
  list: 'Escape',
  help: '?',
};

/** What a key press means, or null: with a modifier, or while somebody types, it means nothing to us. */
export function actionOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'defaultPrevented'>,
  isTyping: boolean,
  isOn: boolean,
): Action | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping) return null;
  const action = (Object.keys(KEYS) as Action[]).find((name) => KEYS[name] === event.key);
  if (!action) return null;
  return isOn || action === 'list' ? action : null;
}

function isTypingIn(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [role="dialog"]') !== null;
}

/** Single keys can be switched off: speech input and trembling hands press them by accident. */
export function useShortcutSwitch(): [boolean, (on: boolean) => void] {
  const [isOn, setOn] = useState(() => localStorage.getItem(SWITCH) !== 'off');
  const set = (on: boolean) => {
    localStorage.setItem(SWITCH, on ? 'on' : 'off');
    setOn(on);
  };
  return [isOn, set];
}

/** Listens for the actions named here; other keys are left to other listeners. */
export function useShortcuts(isOn: boolean, acts: Partial<Record<Action, () => void>>): void {
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = actionOf(event, isTypingIn(event.target), isOn);
      const act = action && latest.current[action];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [isOn]);
}
