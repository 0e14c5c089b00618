import { formatUsualLength } from '../../answers/format.ts';
import { Field, Input } from '../../ui/input.tsx';
import { Slider } from '../../ui/slider.tsx';
import { Fold } from './fold.tsx';
import type { Settings } from './conversation-tree.ts';
import { readNumber, samplingSettings, type SamplingSetting } from './sampling.ts';

export interface SamplingFieldsProps {
  settings: Settings;
  /** How long an answer is at most where no limit is set; null: as long as the context has room. */
  usualLength: number | null;
  onChange: (fields: Partial<Settings>) => void;
}

/** The sampling settings; those seldom used are folded away. */
export function SamplingFields({ settings, usualLength, onChange }: SamplingFieldsProps) {
  const often = samplingSettings.filter(({ rare }) => rare !== true);
  const seldom = samplingSettings.filter(({ rare }) => rare === true);
  const seldomSet = seldom.filter(({ name }) => settings[name] != null).length;
  const field = (setting: SamplingSetting) => (
    <SamplingField
      key={setting.name}
      setting={
        setting.name === 'max_completion_tokens'
          ? { ...setting, unset: formatUsualLength(usualLength) }
          : setting
      }
      value={settings[setting.name] ?? null}
      onChange={onChange}
    />
  );
  return (
    <>
      {often.map(field)}
      <StopField stop={settings.stop} onChange={onChange} />
      <Fold title="Penalties, seed and more" aside={seldomSet > 0 ? `${seldomSet} set` : 'none set'}>
        <div className="flex flex-col gap-5 pt-4">{seldom.map(field)}</div>
      </Fold>
    </>
  );
}

interface SamplingFieldProps {
  setting: SamplingSetting;
  value: number | null;
  onChange: (fields: Partial<Settings>) => void;
}

function SamplingField({ setting, value, onChange }: SamplingFieldProps) {
  const { name, label, min, max, step, unset, rest, explanation, ends } = setting;
  const set = (text: string) => onChange({ [name]: readNumber(text, setting) });
  return (
    <Field label={label} hint={explanation}>
      {(control) => (
        <>
          <div className="flex items-center gap-3">
            {rest !== null && (
              <Slider
                aria-label={`${label}, slider`}
                min={min}
                max={max}
                step={step}
                value={value ?? rest}
                onChange={(event) => set(event.target.value)}
              />
            )}
            <Input
              {...control}
              type="number"
              inputMode="decimal"
              min={min}
              max={max}
              step={step}
              value={value ?? ''}
              placeholder={unset}
              onChange={(event) => set(event.target.value)}
              className={rest === null ? 'tabular' : 'max-w-20 shrink-0 tabular'}
            />
          </div>
          {ends && (
            <div className="-mt-1 flex justify-between text-2xs text-muted" aria-hidden="true">
              <span>{ends[0]}</span>
              <span className="pr-23 text-right">{ends[1]}</span>
            </div>
          )}
        </>
      )}
    </Field>
  );
}

function StopField({
  stop,
  onChange,
}: {
  stop: Settings['stop'];
  onChange: SamplingFieldsProps['onChange'];
}) {
  const lines = typeof stop === 'string' ? stop : (stop ?? []).join('\n');
  return (
    <Field label="Stop at" hint="An answer ends before any of these texts: one a line, up to four.">
      {(control) => (
        <textarea
          {...control}
          rows={2}
          value={lines}
          onChange={(event) => {
            const texts = event.target.value.split('\n').slice(0, 4);
            onChange({ stop: texts.some((text) => text !== '') ? texts : undefined });
          }}
          className="w-full rounded-lg border border-line-strong/60 bg-surface px-3 py-1.5 font-mono text-xs"
        />
      )}
    </Field>
  );
}
