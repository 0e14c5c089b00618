import { useState } from 'react';
import type { Model } from '../../api/models.ts';
import { lazyPart } from '../../lazy-part.tsx';
import { Button } from '../../ui/button.tsx';
import { StopIcon } from '../../ui/icons.tsx';
import { Textarea } from '../../ui/input.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import { Segments } from '../../ui/segments.tsx';
import { Switch } from '../../ui/switch.tsx';
import { newPrompt, promptText, type Draft } from './comparison.ts';
import type { CompareState } from './compare-store.ts';
import { Contestants } from './contestants.tsx';
import { mostPromptCharacters } from './prompt-set.ts';

const PromptSetDialog = lazyPart(() => import('./prompt-set-dialog.tsx'));

export interface SetupProps {
  draft: Draft;
  models: readonly Model[];
  progress: CompareState['progress'];
  refusal: string | null;
  onChange: (change: Partial<Draft>) => void;
  onRun: () => void;
  onStop: () => void;
}

/** What is asked, of whom, and how. */
export function Setup({ draft, models, progress, refusal, onChange, onRun, onStop }: SetupProps) {
  const [setOpen, setSetOpen] = useState(false);
  const { prompts, contestants, blind, measured } = draft;
  const [first] = prompts;
  return (
    <section
      aria-label="What to compare"
      className="flex flex-col gap-4 rounded-xl border bg-surface p-3 sm:p-4"
    >
      {prompts.length <= 1 ? (
        <div className="flex flex-col gap-2">
          <Textarea
            aria-label="Prompt"
            placeholder="Ask all of them the same …"
            rows={3}
            maxLength={mostPromptCharacters}
            value={first === undefined ? '' : promptText(first)}
            onChange={(event) => onChange({ prompts: [newPrompt(event.target.value)] })}
          />
          <Button variant="quiet" size="small" className="-ml-2 self-start" onClick={() => setSetOpen(true)}>
            Use a set of prompts …
          </Button>
        </div>
      ) : (
        <div className="flex flex-wrap items-center gap-2 rounded-lg bg-sunken px-3 py-2.5">
          <p className="min-w-0 flex-1 text-sm">
            <span className="font-medium">{prompts.length} prompts</span>
            <span className="block truncate text-xs text-muted">
              {first === undefined ? '' : promptText(first)} …
            </span>
          </p>
          <Button size="small" onClick={() => setSetOpen(true)}>
            Change
          </Button>
          <Button size="small" variant="quiet" onClick={() => onChange({ prompts: prompts.slice(0, 1) })}>
            One prompt
          </Button>
        </div>
      )}
      <Contestants
        contestants={contestants}
        models={models}
        onChange={(next) => onChange({ contestants: next })}
      />
      <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
        <Segments
          label="Measure"
          value={measured}
          options={[
            { value: 'together', label: 'All at once' },
            { value: 'alone', label: 'Each alone' },
          ]}
          onChange={(next) => onChange({ measured: next })}
        />
        <span className="flex items-center gap-2 text-sm">
          <Switch label="Blind" checked={blind} onChange={(next) => onChange({ blind: next })} />
          <span aria-hidden="true">Blind</span>
        </span>
        <p className="order-last w-full text-xs text-muted sm:order-none sm:w-auto sm:flex-1">
          {refusal ?? (measured === 'alone' ? 'One after the other: fair times.' : 'Streamed side by side.')}
          {blind && ' Names are hidden until you have voted.'}
        </p>
        {progress === null ? (
          <Button variant="primary" onClick={onRun} disabled={refusal !== null} className="ml-auto">
            Run
            <Kbd keys="mod ⏎" className="border-current bg-transparent! text-on-accent!" />
          </Button>
        ) : (
          <Button onClick={onStop} className="ml-auto tabular">
            <StopIcon />
            Stop {progress.done}/{progress.total}
            <Kbd keys="Esc" />
          </Button>
        )}
      </div>

      {setOpen && (
        <PromptSetDialog
          prompts={prompts}
          onClose={() => setSetOpen(false)}
          onUse={(next) => {
            onChange({ prompts: next });
            setSetOpen(false);
          }}
        />
      )}
    </section>
  );
}
