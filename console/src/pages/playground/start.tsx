import { Link } from '@tanstack/react-router';
import type { Model } from '../../api/models.ts';
import { buttonClass } from '../../ui/button.tsx';
import { ModelsIcon } from '../../ui/icons.tsx';
import { EmptyState } from '../../ui/states.tsx';

const suggestions = [
  'Explain how a hash table works, with an example in Python.',
  'Write a short, friendly e-mail that moves a meeting to Thursday.',
  'What are three good names for a café that sells only soup?',
];

export interface StartProps {
  model: Model | null;
  /** There is none at all. */
  isWithoutModels: boolean;
  onAsk: (text: string) => void;
  disabled: boolean;
}

/** An empty conversation: what to do first. */
export function Start({ model, isWithoutModels, onAsk, disabled }: StartProps) {
  if (isWithoutModels)
    return (
      <EmptyState
        icon={<ModelsIcon className="size-6" />}
        title="No model yet"
        action={
          <Link to="/models" className={buttonClass('primary')}>
            Open Models
          </Link>
        }
      >
        Pull a model or connect an engine there, then ask it here.
      </EmptyState>
    );
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-1 flex-col justify-end gap-6 px-4 py-8 sm:justify-center sm:px-6">
      <div>
        <h2 className="text-xl font-semibold tracking-tight">
          {model === null ? 'Ask a model' : `Ask ${model.title}`}
        </h2>
        <p className="mt-1 text-sm text-muted">
          Conversations are saved as you go. “Get code” turns what you see into a request that runs.
        </p>
        {model?.status === 'starting' && (
          <p role="status" className="mt-1 text-sm text-warning">
            Its engine is starting: ask in a moment.
          </p>
        )}
      </div>
      <ul className="grid gap-2 sm:grid-cols-3">
        {suggestions.map((text) => (
          <li key={text}>
            <button
              type="button"
              disabled={disabled}
              onClick={() => onAsk(text)}
              className="h-full w-full rounded-xl border bg-surface p-3 text-left text-sm text-muted hover:enabled:border-line-strong hover:enabled:text-ink disabled:opacity-60"
            >
              {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
