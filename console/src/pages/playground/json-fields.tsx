import { useState } from 'react';
import { JsonEditor } from '../../editors/json-editor.tsx';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { Fold } from './fold.tsx';
import type { Settings } from './conversation-tree.ts';
import { readSchema, readTools, schemaExample, toolsExample, writeJson, type Read } from './json-settings.ts';

interface JsonFieldProps<Value> {
  label: string;
  initial: string;
  example: string;
  read: (text: string) => Read<Value>;
  onRead: (value: Value | undefined) => void;
}

/** An editor whose text becomes a setting as soon as nothing is wrong with it; what is wrong stands below. */
function JsonField<Value>({ label, initial, example, read, onRead }: JsonFieldProps<Value>) {
  const [text, setText] = useState(initial);
  const { problem } = read(text);
  const change = (next: string) => {
    setText(next);
    const result = read(next);
    if (result.problem === null) onRead(result.value);
  };
  return (
    <div className="flex flex-col gap-1.5">
      <JsonEditor label={label} value={text} onChange={change} placeholder={example} problem={problem} />
      <div className="flex min-h-7 items-start justify-between gap-3">
        <p role="status" className={problem === null ? 'text-xs text-muted' : 'text-xs text-danger'}>
          {problem ?? (text.trim() === '' ? 'Empty: not used.' : 'Valid.')}
        </p>
        {text.trim() === '' && (
          <Button size="small" variant="quiet" onClick={() => change(example)}>
            Insert an example
          </Button>
        )}
      </div>
    </div>
  );
}

export interface JsonFieldsProps {
  settings: Settings;
  onChange: (fields: Partial<Settings>) => void;
}

const formats = [
  { value: 'text', label: 'Text' },
  { value: 'json_object', label: 'Any JSON' },
  { value: 'json_schema', label: 'JSON by a schema' },
] as const;

/** The form of the answer: text, JSON, or JSON by a schema, which the engine then can't break. */
export function FormatField({ settings, onChange }: JsonFieldsProps) {
  const format = settings.response_format;
  const [type, setType] = useState<'text' | 'json_object' | 'json_schema'>(format?.type ?? 'text');
  const choose = (next: typeof type) => {
    setType(next);
    onChange({ response_format: next === 'json_object' ? { type: next } : undefined });
  };
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm font-medium">Answer as</p>
      <Select label="Answer as" value={type} options={formats} onChange={choose} />
      {type === 'json_schema' && (
        <JsonField
          label="JSON Schema"
          initial={format?.type === 'json_schema' ? writeJson(format.json_schema.schema) : ''}
          example={schemaExample}
          read={readSchema}
          onRead={(value) => onChange({ response_format: value })}
        />
      )}
    </div>
  );
}

const choices = [
  { value: 'auto', label: 'May call them' },
  { value: 'required', label: 'Must call one' },
  { value: 'none', label: 'Must not call any' },
] as const;

/** Functions that the model may call. The person plays the functions: an answer's calls get their results by hand. */
export function ToolsField({ settings, onChange }: JsonFieldsProps) {
  const { tools, tool_choice: choice } = settings;
  // The editor loads when it is first looked at.
  const [open, setOpen] = useState((tools ?? []).length > 0);
  return (
    <Fold
      title="Tools"
      aside={(tools ?? []).map((tool) => tool.function.name).join(', ') || 'none'}
      open={open}
      onToggle={setOpen}
    >
      <div className="flex flex-col gap-2 pt-3">
        {open && (
          <JsonField
            label="Tools"
            initial={writeJson(tools)}
            example={toolsExample}
            read={readTools}
            onRead={(value) => onChange({ tools: value })}
          />
        )}
        {(tools ?? []).length > 0 && (
          <Select
            label="Use of tools"
            value={typeof choice === 'string' ? choice : 'auto'}
            options={choices}
            onChange={(value) => onChange({ tool_choice: value })}
          />
        )}
      </div>
    </Fold>
  );
}
