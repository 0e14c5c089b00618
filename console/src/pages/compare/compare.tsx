import { lazy, Suspense, useState } from 'react';
import type { Model } from '../../api/models.ts';
import { useMe } from '../../api/session.ts';
import { useCommands } from '../../shell/commands.ts';
import { useHotkey } from '../../shell/hotkeys.ts';
import { useSignal } from '../../signal.ts';
import { Button } from '../../ui/button.tsx';
import { CompareIcon, DownloadIcon, HistoryIcon, PlusIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Answers } from './answers.tsx';
import { newPrompt, promptText } from './comparison.ts';
import type { CompareStore } from './compare-store.ts';
import { comparisonCsv, comparisonJson, saveFile } from './export.ts';
import { Results } from './results.tsx';
import { Setup } from './setup.tsx';
import { useVoting } from './votes.ts';

const HistoryDialog = lazy(() => import('./history-dialog.tsx'));

const examples = ['Explain a rainbow to a child.', 'Write a haiku about rain.', 'Is 91 a prime number? Why?'];

export interface CompareProps {
  store: CompareStore;
  models: readonly Model[];
  onNew: () => void;
}

export function Compare({ store, models, onNew }: CompareProps) {
  const { draft, result, progress, keeping } = useSignal(store.state);
  const { can } = useMe();
  const [history, setHistory] = useState(false);
  const voting = useVoting(result);
  const refusal = refusalOf(draft.prompts.map(promptText), draft.contestants.length, can['models.use']);
  const run = () => {
    if (refusal !== null || progress !== null) return;
    void store.run({
      models,
      mayBeKept: can['playground.write'] === true,
      mayReadCosts: can['requests.read'] === true,
    });
  };
  useHotkey('mod+enter', (event) => {
    event.preventDefault();
    run();
  });
  useHotkey('escape', () => store.stop(), progress !== null);
  useCommands('compare', [
    { id: 'compare-new', group: 'Compare', label: 'New comparison', icon: <PlusIcon />, run: onNew },
    {
      id: 'compare-history',
      group: 'Compare',
      label: 'Open a comparison',
      icon: <HistoryIcon />,
      run: () => setHistory(true),
    },
  ]);

  return (
    <div className="mx-auto flex w-full max-w-[100rem] flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight">Compare</h1>
          <p className="mt-1 max-w-2xl text-sm text-muted">
            Your own prompts, up to six models or settings side by side.
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {result !== null && progress === null && voting.revealed && result.answers.length > 0 && (
            <Menu
              trigger={
                <Button>
                  <DownloadIcon />
                  Export
                </Button>
              }
            >
              <MenuItem
                onClick={() => saveFile('comparison.csv', comparisonCsv(result, voting.votes), 'text/csv')}
              >
                CSV, a line for each answer
              </MenuItem>
              <MenuItem
                onClick={() =>
                  saveFile('comparison.json', comparisonJson(result, voting.votes), 'application/json')
                }
              >
                JSON, everything
              </MenuItem>
            </Menu>
          )}
          <Button onClick={() => setHistory(true)}>
            <HistoryIcon />
            History
          </Button>
          <Button onClick={onNew}>
            <PlusIcon />
            New
          </Button>
        </div>
      </header>
      <Setup
        draft={draft}
        models={models}
        progress={progress}
        refusal={refusal}
        onChange={(change) => store.change(change)}
        onRun={run}
        onStop={() => store.stop()}
      />
      {typeof keeping === 'object' && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-3 rounded-lg bg-danger-soft px-3 py-2 text-sm text-danger"
        >
          <p className="min-w-0 flex-1">Not saved: {keeping.failed}</p>
          <Button size="small" onClick={() => store.keep()}>
            Save again
          </Button>
        </div>
      )}
      {result === null && (
        <EmptyState
          icon={<CompareIcon className="size-6" />}
          title="Answers show here, side by side"
          action={
            <div className="flex flex-wrap justify-center gap-2">
              {examples.map((example) => (
                <Button
                  key={example}
                  size="small"
                  onClick={() => store.change({ prompts: [newPrompt(example)] })}
                >
                  {example}
                </Button>
              ))}
            </div>
          }
        >
          Run a prompt, vote for the best answer, and see which model is worth its price. Try one of these:
        </EmptyState>
      )}
      {result !== null && (
        <>
          <Answers
            key={result.prompts[0]?.id}
            store={store}
            result={result}
            progress={progress}
            voting={voting}
          />
          {progress === null && <Results result={result} voting={voting} />}
        </>
      )}
      <Suspense>
        {history && (
          <HistoryDialog open onOpenChange={setHistory} openId={result?.id ?? null} onDeleted={onNew} />
        )}
      </Suspense>
    </div>
  );
}

/** Why it can't run; null when it can. */
function refusalOf(
  prompts: readonly string[],
  contestants: number,
  mayUse: boolean | undefined,
): string | null {
  if (mayUse !== true) return 'Your role may look at comparisons, not ask models.';
  if (contestants < 2) return 'Add a second contestant to compare with.';
  if (prompts.length === 0 || prompts.some((prompt) => prompt.trim() === '')) return 'Write a prompt first.';
  return null;
}
