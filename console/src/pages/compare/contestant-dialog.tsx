import { formatUsualLength } from '../../answers/format.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input, Textarea } from '../../ui/input.tsx';
import type { Contestant, Settings } from './comparison.ts';

interface NumberSetting {
  name: 'temperature' | 'top_p' | 'max_completion_tokens' | 'frequency_penalty' | 'seed';
  label: string;
  hint: string;
  min: number;
  max: number;
  step: number;
}

/** Ranges are those of the API. */
const numbers: readonly NumberSetting[] = [
  {
    name: 'temperature',
    label: 'Temperature',
    hint: '0 exact and repeatable, 2 wild. Empty: 1.',
    min: 0,
    max: 2,
    step: 0.05,
  },
  {
    name: 'top_p',
    label: 'Top P',
    hint: 'Share of the likeliest words to choose from. Empty: all.',
    min: 0,
    max: 1,
    step: 0.01,
  },
  {
    name: 'max_completion_tokens',
    label: 'Maximum tokens',
    hint: 'Where an answer is cut.',
    min: 1,
    max: 1_000_000,
    step: 1,
  },
  {
    name: 'frequency_penalty',
    label: 'Frequency penalty',
    hint: 'Against repetition. Empty: 0.',
    min: -2,
    max: 2,
    step: 0.1,
  },
  {
    name: 'seed',
    label: 'Seed',
    hint: 'The same seed gives the same answer.',
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
    step: 1,
  },
];

export interface ContestantDialogProps {
  contestant: Contestant;
  number: number;
  /** How long its model's answers are at most where no limit is set; null: as long as the context has room. */
  usualLength: number | null;
  onChange: (contestant: Contestant) => void;
  onClose: () => void;
}

/** What makes one contestant differ from another. */
export function ContestantDialog({
  contestant,
  number,
  usualLength,
  onChange,
  onClose,
}: ContestantDialogProps) {
  const { settings } = contestant;
  const set = (change: Partial<Settings>) =>
    onChange({ ...contestant, settings: { ...settings, ...change } });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Contestant ${number}`}
      description={settings.model}
      size="medium"
      actions={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="Name" hint="How results call it. Empty: its model and settings.">
          {(control) => (
            <Input
              {...control}
              maxLength={60}
              value={contestant.name ?? ''}
              onChange={(event) => onChange({ ...contestant, name: event.target.value || null })}
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          {numbers.map((setting) => (
            <Field
              key={setting.name}
              label={setting.label}
              hint={
                setting.name === 'max_completion_tokens'
                  ? `${setting.hint} Empty: ${formatUsualLength(usualLength)}.`
                  : setting.hint
              }
            >
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={setting.min}
                  max={setting.max}
                  step={setting.step}
                  value={settings[setting.name] ?? ''}
                  onChange={(event) => set({ [setting.name]: inRange(event.target.value, setting) })}
                />
              )}
            </Field>
          ))}
        </div>
        <Field label="System prompt" hint="What it is told before every prompt.">
          {(control) => (
            <Textarea
              {...control}
              rows={3}
              maxLength={100_000}
              value={settings.system ?? ''}
              onChange={(event) => set({ system: event.target.value || null })}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}

function inRange(text: string, { min, max, step }: NumberSetting): number | null {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return null;
  const bounded = Math.min(max, Math.max(min, value));
  return Number.isInteger(step) ? Math.round(bounded) : bounded;
}
