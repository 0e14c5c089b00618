import type { Model } from '../../api/models.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Field, Textarea } from '../../ui/input.tsx';
import { Switch } from '../../ui/switch.tsx';
import { formatCount } from '../../answers/format.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { Settings } from './conversation-tree.ts';
import { FormatField, ToolsField } from './json-fields.tsx';
import { SamplingFields } from './sampling-fields.tsx';

export interface SettingsPanelProps {
  store: ConversationStore;
  settings: Settings;
  model: Model | null;
}

/** Everything that an answer depends on beside what is asked. */
export function SettingsPanel({ store, settings, model }: SettingsPanelProps) {
  const change = (fields: Partial<Settings>) => store.set(fields);
  const { system, model: _model, ...sampling } = settings;
  const changed = Object.values(sampling).some((value) => value != null);
  return (
    <div className="flex flex-col gap-5">
      {model !== null && <ModelFacts model={model} />}
      <Field label="System prompt" hint="Instructions that stand before the conversation.">
        {(control) => (
          <Textarea
            {...control}
            className="field-sizing-content max-h-60 min-h-20"
            placeholder="You are …"
            value={system ?? ''}
            onChange={(event) =>
              change({ system: event.target.value === '' ? undefined : event.target.value })
            }
          />
        )}
      </Field>
      <SamplingFields
        settings={settings}
        usualLength={model?.usual_completion_tokens ?? null}
        onChange={change}
      />
      <FormatField settings={settings} onChange={change} />
      <ToolsField settings={settings} onChange={change} />
      <LogprobsField
        settings={settings}
        onChange={change}
        possible={model?.capabilities.logprobs !== false}
      />
      {changed && (
        <Button
          size="small"
          onClick={() =>
            store.replaceSettings({ ...(system == null ? {} : { system }), ...(_model && { model: _model }) })
          }
        >
          Reset all but the system prompt
        </Button>
      )}
    </div>
  );
}

function LogprobsField({
  settings,
  onChange,
  possible,
}: {
  settings: Settings;
  onChange: (fields: Partial<Settings>) => void;
  possible: boolean;
}) {
  return (
    <Field
      label="Token colours"
      hint={
        possible
          ? 'Colours each token of the next answers by how likely the model found it, until the page is left.'
          : 'What serves this model tells no probabilities.'
      }
    >
      {(control) => (
        <Switch
          {...control}
          disabled={!possible}
          checked={settings.logprobs === true}
          onChange={(on) =>
            onChange(
              on ? { logprobs: true, top_logprobs: 5 } : { logprobs: undefined, top_logprobs: undefined },
            )
          }
        />
      )}
    </Field>
  );
}

function ModelFacts({ model }: { model: Model }) {
  const { price, context_tokens: context, stand_in: standIn } = model;
  const facts = [
    context !== null && `${formatCount(context)} tokens of context`,
    price !== null &&
      `$${price.input_usd_per_million} in, $${price.output_usd_per_million} out per million tokens`,
  ].filter(Boolean);
  // Its name alone stands above already.
  if (facts.length === 0 && standIn === null && model.title === model.id) return null;
  return (
    <div className="flex flex-col gap-2 rounded-lg border bg-sunken p-3 text-xs">
      <div className="flex items-center justify-between gap-2">
        <span className="font-medium">{model.title}</span>
        {standIn !== null && <Badge tone="warning">Stand-in</Badge>}
      </div>
      {facts.length > 0 && <p className="text-muted tabular">{facts.join(' · ')}</p>}
      {standIn !== null && (
        <div className="text-warning">
          <p>{standIn.model} answers in its place. To have the model itself:</p>
          <p className="mt-1 flex items-center gap-1">
            <code className="min-w-0 flex-1 rounded bg-surface px-1.5 py-1 font-mono wrap-anywhere text-ink">
              {standIn.command}
            </code>
            <CopyButton text={standIn.command} label="Copy the command" />
          </p>
        </div>
      )}
    </div>
  );
}
