import { useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { CheckIcon, CopyIcon } from './icons.tsx';

export interface CopyButtonProps {
  text: string | (() => string);
  /** What is copied: "Copy answer". */
  label: string;
  /** Shows the label too. */
  labelled?: boolean;
  /** Takes the focus when it comes, in the place of what was pressed. */
  takesFocus?: boolean;
}

/** Copies a text and says so for a moment. */
export function CopyButton({ text, label, labelled = false, takesFocus = false }: CopyButtonProps) {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  useEffect(() => {
    if (state === 'ready') return undefined;
    const timer = setTimeout(() => setState('ready'), 1600);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    copyText(typeof text === 'string' ? text : text()).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  const said = { ready: label, copied: 'Copied', failed: 'Copying was refused' }[state];
  const shown =
    state === 'copied' ? <CheckIcon className="size-3.5 text-success" /> : <CopyIcon className="size-3.5" />;
  return labelled ? (
    // oxlint-disable-next-line jsx-a11y/no-autofocus -- it stands where a button was pressed
    <Button size="small" autoFocus={takesFocus} onClick={copy}>
      {shown}
      {said}
    </Button>
  ) : (
    <IconButton size="small" label={said} onClick={copy}>
      {shown}
    </IconButton>
  );
}

/** Copies, also where the page is not on HTTPS or localhost and the browser gives no clipboard. */
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr-only';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) throw new Error('The browser refused to copy.');
  return undefined;
}
