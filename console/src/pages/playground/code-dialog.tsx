import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../../api/client.ts';
import type { ChatRequest } from '../../api/chat-stream.ts';
import { useMe } from '../../api/session.ts';
import { CodeBlock } from '../../markdown/code-block.tsx';
import { useProject } from '../../shell/project-switcher.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { codeSample, type SampleLanguage } from './code-samples.ts';
import '../../markdown/markdown.css';

const languages: { value: SampleLanguage; label: string; grammar: string }[] = [
  { value: 'curl', label: 'curl', grammar: 'bash' },
  { value: 'python', label: 'Python', grammar: 'python' },
  { value: 'node', label: 'Node.js', grammar: 'javascript' },
];

export interface CodeDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The request that the page would send now. */
  request: ChatRequest;
}

/** The page's request as a program. A key can be made here; it is shown in the program this once. */
export default function CodeDialog({ open, onOpenChange, request }: CodeDialogProps) {
  const [language, setLanguage] = useState<SampleLanguage>('curl');
  const { can } = useMe();
  const project = useProject();
  const key = useMutation({ mutationFn: () => makeKey(project?.id ?? '') });
  const apiKey = key.data ?? null;
  const baseUrl = `${location.origin}/v1`;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Get code"
      size="large"
      description="Runs as it is shown."
    >
      <div className="mb-4 flex flex-wrap items-center gap-3 rounded-lg border bg-sunken px-3 py-2 text-sm">
        <p className="min-w-0 flex-1 basis-60">
          {apiKey === null ? (
            <>
              It takes the key from <code className="font-mono text-xs">WEAI_API_KEY</code>. Or put a new key
              right into it.
            </>
          ) : (
            'The key is in the code below, and is shown this once.'
          )}
        </p>
        {apiKey !== null && (
          <CopyButton
            takesFocus
            labelled
            label={`Copy ${languages.find(({ value }) => value === language)?.label}`}
            text={() => codeSample(language, { request, baseUrl, apiKey })}
          />
        )}
        {apiKey === null && can['api_keys.manage'] === true && project !== undefined && (
          <Button size="small" variant="primary" busy={key.isPending} onClick={() => key.mutate()}>
            Make a key
          </Button>
        )}
        {key.error && (
          <p role="alert" className="w-full text-danger">
            {key.error.message}
          </p>
        )}
      </div>
      <Tabs
        label="Language"
        value={language}
        onChange={setLanguage}
        tabs={languages.map(({ value, label, grammar }) => ({
          value,
          label,
          panel: (
            <CodeBlock
              source={codeSample(value, { request, baseUrl, apiKey })}
              language={grammar}
              streaming={false}
            />
          ),
        }))}
      />
    </Dialog>
  );
}

/** Makes a key of the project and gives its secret. */
async function makeKey(projectId: string): Promise<string> {
  const created: Record<string, unknown> = await read(
    api.POST('/v1/organization/projects/{project_id}/api_keys', {
      params: { path: { project_id: projectId } },
      body: { name: 'Playground' },
    }),
  );
  const { value } = created;
  if (typeof value !== 'string') throw new Error('The server made a key but did not show it.');
  return value;
}
