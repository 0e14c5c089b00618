import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import { Textarea } from '../../ui/input.tsx';

export interface MessageEditorProps {
  text: string;
  /** What saving does: "Send", "Save". */
  action: string;
  onSave: (text: string) => void;
  onCancel: () => void;
}

/** A message, being changed. ⌘⏎ saves, Esc gives up. */
export function MessageEditor({ text, action, onSave, onCancel }: MessageEditorProps) {
  const [value, setValue] = useState(text);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      onCancel();
    } else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      onSave(value);
    }
  };
  return (
    <div className="flex flex-col gap-2">
      <Textarea
        aria-label="Message"
        // The person asked to edit it.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content max-h-[50dvh] min-h-20 text-base"
      />
      <div className="flex justify-end gap-2">
        <Button size="small" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="small" variant="primary" disabled={value.trim() === ''} onClick={() => onSave(value)}>
          {action}
        </Button>
      </div>
    </div>
  );
}
