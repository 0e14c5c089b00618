import { useQuery } from '@tanstack/react-query';
import { modelsQuery } from '../api/organization.ts';
import { Field, Input } from '../ui/input.tsx';
import type { LimitDraft } from './draft.ts';

const rates = [
  ['requests_per_minute', 'Requests a minute', 'numeric'],
  ['tokens_per_minute', 'Tokens a minute', 'numeric'],
  ['concurrent_requests', 'Requests at once', 'numeric'],
] as const;
const budgets = [
  ['usd_per_day', 'Budget a day, in dollars', 'decimal'],
  ['usd_per_month', 'Budget a month, in dollars', 'decimal'],
] as const;

export interface LimitFieldsProps {
  draft: LimitDraft;
  onChange: (draft: LimitDraft) => void;
  /** What is wrong with a field. */
  errorAt: (field: string) => string | null;
  /** They are what a dialog was opened for: the first takes the focus. */
  takesFocus?: boolean;
}

/** The controls that limit a key, a project or the organization. */
export function LimitFields({ draft, onChange, errorAt, takesFocus = false }: LimitFieldsProps) {
  const field = ([name, label, inputMode]: (typeof rates | typeof budgets)[number]) => (
    <Field key={name} label={label} error={errorAt(name)}>
      {(control) => (
        <Input
          {...control}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type this
          autoFocus={takesFocus && name === rates[0][0]}
          inputMode={inputMode}
          autoComplete="off"
          placeholder="No limit"
          className="tabular"
          value={draft[name]}
          onChange={(event) => onChange({ ...draft, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-1 gap-x-4 gap-y-3.5 sm:grid-cols-3">{rates.map(field)}</div>
      <div className="grid grid-cols-1 gap-x-4 gap-y-3.5 sm:grid-cols-2">{budgets.map(field)}</div>
      <AllowedModels
        allowed={draft.allowed_models}
        onChange={(models) => onChange({ ...draft, allowed_models: models })}
      />
    </div>
  );
}

interface AllowedModelsProps {
  allowed: string[] | null;
  onChange: (models: string[] | null) => void;
}

function AllowedModels({ allowed, onChange }: AllowedModelsProps) {
  const { data: models = [] } = useQuery(modelsQuery);
  const names = [...new Set([...models.map(({ id }) => id), ...(allowed ?? [])])];
  const box = 'size-4 shrink-0 accent-(--accent)';
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">Models</legend>
      <label className="flex min-h-6 items-center gap-2 text-sm">
        <input
          type="checkbox"
          className={box}
          checked={allowed === null}
          onChange={(event) => onChange(event.target.checked ? null : names)}
        />
        All, also those that come later
      </label>
      {allowed !== null &&
        names.map((name) => (
          <label key={name} className="flex min-h-6 items-center gap-2 pl-6 font-mono text-xs">
            <input
              type="checkbox"
              className={box}
              checked={allowed.includes(name)}
              onChange={(event) =>
                onChange(event.target.checked ? [...allowed, name] : allowed.filter((each) => each !== name))
              }
            />
            {name}
          </label>
        ))}
      {allowed?.length === 0 && <p className="text-xs text-warning">No model can be asked then.</p>}
    </fieldset>
  );
}
