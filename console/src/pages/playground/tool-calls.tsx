import { useState } from 'react';
import type { FormEvent } from 'react';
import type { ToolCall } from '../../answers/answer.ts';
import { Button } from '../../ui/button.tsx';
import { ToolIcon } from '../../ui/icons.tsx';
import { Field, Textarea } from '../../ui/input.tsx';

/** Arguments as they read best; as they are when they aren't JSON (yet). */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** What the model wants to have called. */
export function ToolCalls({ calls }: { calls: readonly ToolCall[] }) {
  return (
    <ul className="flex flex-col gap-2">
      {calls.map((call, index) => (
        <li key={call.id || index} className="overflow-hidden rounded-lg border bg-sunken">
          <p className="flex items-center gap-2 px-3 py-1.5 text-xs text-muted">
            <ToolIcon className="size-3.5" />
            Calls <code className="font-mono font-medium text-ink">{call.function.name}</code>
          </p>
          <pre className="overflow-x-auto px-3 pb-2 font-mono text-xs wrap-anywhere whitespace-pre-wrap">
            {readable(call.function.arguments)}
          </pre>
        </li>
      ))}
    </ul>
  );
}

export interface ToolResultsProps {
  calls: readonly ToolCall[];
  onSend: (results: { callId: string; content: string }[]) => void;
  disabled: boolean;
}

/** Answers calls by hand: what each tool would have returned. */
export function ToolResults({ calls, onSend, disabled }: ToolResultsProps) {
  const [results, setResults] = useState<Record<string, string>>({});
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend(calls.map(({ id }) => ({ callId: id, content: results[id] ?? '' })));
  };
  return (
    <form
      onSubmit={send}
      className="flex flex-col gap-3 rounded-lg border border-dashed border-line-strong p-3"
    >
      {calls.map(({ id, function: { name } }) => (
        <Field
          key={id}
          label={`What ${name} returns`}
          hint="JSON or plain text; the model reads it as it is."
        >
          {(control) => (
            <Textarea
              {...control}
              className="min-h-16 font-mono text-xs"
              value={results[id] ?? ''}
              onChange={(event) => setResults({ ...results, [id]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <Button type="submit" variant="primary" size="small" disabled={disabled} className="self-end">
        Send {calls.length === 1 ? 'the result' : 'the results'}
      </Button>
    </form>
  );
}
