import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { modelsQuery } from '../../api/organization.ts';
import { Secret } from '../../ui/secret.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { keySamples } from './samples.ts';

/** A key, the only time that it is shown, and programs that work with it at once. */
export function NewKey({ value }: { value: string }) {
  const { data: models = [] } = useQuery(modelsQuery);
  const [language, setLanguage] = useState<'curl' | 'python' | 'node'>('curl');
  const answering = models.find(({ status }) => status === 'ready' || status === 'stand_in');
  const samples = keySamples(value, answering?.id ?? 'llama3.1-8B');
  return (
    <div className="flex flex-col gap-5">
      <Secret value={value} copyLabel="Copy key" testId="new-key" />
      <div>
        <p className="mb-1 text-sm font-medium">Try it</p>
        <Tabs
          label="Language"
          value={language}
          onChange={setLanguage}
          tabs={[
            { value: 'curl', label: 'curl', panel: <Snippet text={samples.curl} label="curl command" /> },
            {
              value: 'python',
              label: 'Python',
              panel: <Snippet text={samples.python} label="Python program" />,
            },
            { value: 'node', label: 'Node', panel: <Snippet text={samples.node} label="Node program" /> },
          ]}
        />
      </div>
    </div>
  );
}
