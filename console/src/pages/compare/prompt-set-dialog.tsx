import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Textarea } from '../../ui/input.tsx';
import { Segments } from '../../ui/segments.tsx';
import { promptText, type Prompt } from './comparison.ts';
import { guessFormat, mostPrompts, mostSetBytes, readPromptSet, type PromptSetFormat } from './prompt-set.ts';

export interface PromptSetDialogProps {
  prompts: readonly Prompt[];
  onUse: (prompts: Prompt[]) => void;
  onClose: () => void;
}

/** Takes several prompts: pasted or from a file, shown as they are understood before they are used. */
export default function PromptSetDialog({ prompts, onUse, onClose }: PromptSetDialogProps) {
  const [text, setText] = useState(() => textOf(prompts));
  const [chosen, setChosen] = useState<PromptSetFormat | null>(null);
  const [fileError, setFileError] = useState<string | null>(null);
  const format = chosen ?? guessFormat(text);
  const set = text.trim() === '' ? null : readPromptSet(text, format);
  const open = async (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > mostSetBytes) return setFileError(`${file.name} is over 1 MB: take fewer prompts.`);
    setFileError(null);
    setText(await file.text());
    return setChosen(/\.csv$/i.test(file.name) ? 'csv' : /\.jsonl?$/i.test(file.name) ? 'jsonl' : null);
  };
  const count = set?.prompts.length ?? 0;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="A set of prompts"
      description={`Up to ${mostPrompts}. Every contestant answers each of them.`}
      size="medium"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={count === 0} onClick={() => onUse(set?.prompts ?? [])}>
            {count === 0 ? 'Use' : `Use ${count} ${count === 1 ? 'prompt' : 'prompts'}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <Segments
            label="Format"
            value={format}
            options={[
              { value: 'lines', label: 'Lines' },
              { value: 'csv', label: 'CSV' },
              { value: 'jsonl', label: 'JSONL' },
            ]}
            onChange={setChosen}
          />
          <label className="relative text-sm font-medium text-accent underline-offset-2 focus-within:underline hover:underline">
            Open a file
            <input
              type="file"
              accept=".txt,.csv,.jsonl,.json,text/plain,text/csv"
              className="absolute inset-0 cursor-pointer opacity-0"
              onChange={(event) => {
                open(event.target.files?.[0]).catch(() => setFileError('The file could not be read.'));
                event.target.value = '';
              }}
            />
          </label>
        </div>
        <Field
          label="Prompts"
          hint={
            {
              lines: 'A prompt on each line.',
              csv: 'With a column “prompt”, and one “reference” for good answers if you have them.',
              jsonl: 'On each line {"prompt": "…"}, with a "reference" for a good answer if you have one.',
            }[format]
          }
          error={fileError ?? set?.error}
        >
          {(control) => (
            <Textarea
              {...control}
              rows={9}
              className="font-mono text-xs"
              value={text}
              onChange={(event) => {
                setFileError(null);
                setText(event.target.value);
              }}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}

/** Prompts as JSON lines where a line can't hold them, else one on each line. */
function textOf(prompts: readonly Prompt[]): string {
  const texts = prompts.map((prompt) => ({
    prompt: promptText(prompt),
    reference: prompt.reference ?? undefined,
  }));
  const plain = texts.every(({ prompt, reference }) => !prompt.includes('\n') && reference === undefined);
  return texts.map((each) => (plain ? each.prompt : JSON.stringify(each))).join('\n');
}
