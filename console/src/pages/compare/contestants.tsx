import { useState } from 'react';
import type { Model } from '../../api/models.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { CloseIcon, PlusIcon, SettingsIcon } from '../../ui/icons.tsx';
import { Select } from '../../ui/select.tsx';
import { mostContestants, oneMore, type Contestant, type Settings } from './comparison.ts';
import { ContestantDialog } from './contestant-dialog.tsx';

const states: Partial<Record<Model['status'], string>> = {
  starting: 'starting',
  stand_in: 'a stand-in answers',
  unavailable: 'not answering',
  not_installed: 'not installed',
};

export interface ContestantsProps {
  contestants: readonly Contestant[];
  models: readonly Model[];
  onChange: (contestants: Contestant[]) => void;
}

/** Who takes part, each with settings of its own. */
export function Contestants({ contestants, models, onChange }: ContestantsProps) {
  const [open, setOpen] = useState<string | null>(null);
  const opened = contestants.find(({ id }) => id === open);
  const replace = (next: Contestant) =>
    onChange(contestants.map((each) => (each.id === next.id ? next : each)));
  return (
    <ul aria-label="Contestants" className="grid grid-cols-1 gap-2 sm:grid-cols-2 xl:grid-cols-3">
      {contestants.map((contestant, index) => (
        <li key={contestant.id} className="flex items-center gap-1 rounded-lg border p-1.5">
          <div className="min-w-0 flex-1">
            <Select
              label={`Model of contestant ${index + 1}`}
              size="small"
              value={contestant.settings.model ?? ''}
              className="w-full border-transparent font-medium"
              options={optionsOf(models, contestant.settings.model)}
              onChange={(model) => replace({ ...contestant, settings: { ...contestant.settings, model } })}
            />
            <p className="truncate px-2.25 text-xs text-muted">{settingsText(contestant)}</p>
          </div>
          <IconButton label={`Settings of contestant ${index + 1}`} onClick={() => setOpen(contestant.id)}>
            <SettingsIcon />
          </IconButton>
          <IconButton
            label={`Remove contestant ${index + 1}`}
            disabled={contestants.length <= 1}
            onClick={() => onChange(contestants.filter(({ id }) => id !== contestant.id))}
          >
            <CloseIcon className="size-3.5" />
          </IconButton>
        </li>
      ))}
      {contestants.length < mostContestants && (
        <li className="flex">
          <Button
            variant="quiet"
            className="h-auto min-h-13 flex-1 border border-dashed"
            onClick={() => onChange([...contestants, oneMore(contestants, models)])}
          >
            <PlusIcon />
            Add a contestant
          </Button>
        </li>
      )}
      {opened && (
        <ContestantDialog
          contestant={opened}
          number={contestants.indexOf(opened) + 1}
          usualLength={models.find(({ id }) => id === opened.settings.model)?.usual_completion_tokens ?? null}
          onChange={replace}
          onClose={() => setOpen(null)}
        />
      )}
    </ul>
  );
}

function optionsOf(models: readonly Model[], chosen: string | undefined) {
  const options = models.map(({ id, title, status }) => ({
    value: id,
    label: id,
    detail: [title, states[status]].filter(Boolean).join(' · '),
  }));
  if (chosen === undefined || models.some(({ id }) => id === chosen)) return options;
  return [...options, { value: chosen, label: chosen, detail: 'not there any more' }];
}

/** "T 0.7 · up to 300 tokens". */
function settingsText({ name, settings }: Contestant): string {
  const said: [keyof Settings, string][] = [
    ['temperature', 'T'],
    ['top_p', 'top P'],
    ['seed', 'seed'],
  ];
  const numbers = said.flatMap(([key, label]) => {
    const value = settings[key];
    return typeof value === 'number' ? `${label} ${value}` : [];
  });
  const most = settings.max_completion_tokens;
  return (
    [name, ...numbers, most == null ? '' : `up to ${most} tokens`, settings.system ? 'system prompt' : '']
      .filter(Boolean)
      .join(' · ') || 'As the model comes'
  );
}
