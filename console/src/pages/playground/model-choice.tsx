import type { Model } from '../../api/models.ts';
import { Select } from '../../ui/select.tsx';

const states: Record<Model['status'], string> = {
  ready: '',
  starting: 'starting',
  stand_in: 'stand-in answers',
  unavailable: 'not answering',
  not_installed: 'not installed',
};

/** The model that a fresh conversation asks: one that answers itself rather than by a stand-in, the first there is. */
export function preferredModel(models: readonly Model[], wanted: string | undefined): Model | null {
  const answers = ({ status }: Model) => status === 'ready' || status === 'stand_in' || status === 'starting';
  return (
    models.find(({ id }) => id === wanted) ??
    models.find(({ status }) => status === 'ready') ??
    models.find(answers) ??
    models[0] ??
    null
  );
}

/** Why a model can't be asked, with what to do; null when it can. */
export function modelRefusal(model: Model): string | null {
  if (model.status === 'unavailable')
    return model.hint ?? `${model.title} does not answer: its engine is stopped.`;
  if (model.status === 'not_installed')
    return model.hint ?? `${model.title} is not installed: pull it on the Models page.`;
  return null;
}

export interface ModelChoiceProps {
  models: readonly Model[];
  model: Model | null;
  onChange: (id: string) => void;
}

export function ModelChoice({ models, model, onChange }: ModelChoiceProps) {
  if (model === null) return null;
  return (
    <Select
      label="Model"
      value={model.id}
      className="h-8.5 max-w-64 min-w-24 font-medium"
      options={models.map((each) => ({
        value: each.id,
        label: each.id,
        detail:
          [each.title !== each.id && each.title, states[each.status]].filter(Boolean).join(' · ') ||
          undefined,
      }))}
      onChange={onChange}
    />
  );
}
