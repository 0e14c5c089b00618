import { useState } from 'react';
import type { Model } from '../../api/models.ts';
import { useMe } from '../../api/session.ts';
import { lazyPart } from '../../lazy-part.tsx';
import { useCommands } from '../../shell/commands.ts';
import { useHotkey } from '../../shell/hotkeys.ts';
import { useSignal } from '../../signal.ts';
import { Button } from '../../ui/button.tsx';
import { CompareIcon, HistoryIcon, PlusIcon, RetryIcon, ShareIcon } from '../../ui/icons.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Answers } from './answers.tsx';
import { newPrompt, promptText } from './comparison.ts';
import type { CompareStore, RunOptions } from './compare-store.ts';
import { ExportMenu } from './export-menu.tsx';
import { Results } from './results.tsx';
import { Setup } from './setup.tsx';
import { unfinishedOf } from './unfinished.ts';
import { useVoting } from './votes.ts';

const ComparisonHistory = lazyPart(() => import('./history.tsx'));
const ShareDialog = lazyPart(() => import('../../documents/share-dialog.tsx'));

const examples = ['Explain a rainbow to a child.', 'Write a haiku about rain.', 'Is 91 a prime number? Why?'];

export interface CompareProps {
  store: CompareStore;
  models: readonly Model[];
  onNew: () => void;
}

export function Compare({ store, models, onNew }: CompareProps) {
  const { draft, result, progress, keeping } = useSignal(store.state);
  const { can } = useMe();
  const [dialog, setDialog] = useState<'history' | 'share' | null>(null);
  const voting = useVoting(result);
  const refusal = refusalOf(draft.prompts.map(promptText), draft.contestants.length, can['models.use']);
  const options: RunOptions = {
    models,
    mayBeKept: can['playground.write'] === true,
    mayReadCosts: can['requests.read'] === true,
  };
  const run = () => {
    if (refusal === null && progress === null) void store.run(options);
  };
  const unfinished = result === null || progress !== null ? null : unfinishedOf(result);
  const mayGoOn = result?.canEdit === true && can['models.use'] === true;
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
      run: () => setDialog('history'),
    },
  ]);

  return (
    <div className="mx-auto flex w-full max-w-[100rem] flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <header className="flex items-center justify-between gap-x-6 gap-y-3 sm:flex-wrap sm:items-start">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight">Compare</h1>
          <p className="mt-1 hidden max-w-2xl text-sm text-muted sm:block">
            Your own prompts, up to six models or settings side by side.
          </p>
        </div>
        <div className="flex shrink-0 gap-1.5 sm:gap-2">
          {result !== null && progress === null && voting.revealed && result.answers.length > 0 && (
            <ExportMenu result={result} votes={voting.votes} />
          )}
          {result !== null && progress === null && (
            <Button onClick={() => setDialog('share')}>
              <ShareIcon />
              <span className="max-sm:sr-only">Share</span>
            </Button>
          )}
          <Button onClick={() => setDialog('history')}>
            <HistoryIcon />
            <span className="max-sm:sr-only">History</span>
          </Button>
          <Button onClick={onNew}>
            <PlusIcon />
            <span className="max-sm:sr-only">New</span>
          </Button>
        </div>
      </header>
      {unfinished !== null && mayGoOn && (
        <div
          role="status"
          className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg bg-warning-soft px-3 py-2 text-sm"
        >
          <p className="min-w-0 flex-1 text-warning">{unfinishedText(unfinished.count)}</p>
          <Button size="small" onClick={() => void store.goOn(options)}>
            <RetryIcon className="size-3.5" />
            Ask again
          </Button>
        </div>
      )}
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
      {dialog === 'history' && (
        <ComparisonHistory
          onClose={() => setDialog(null)}
          onDeleted={(gone) => {
            if (gone === result?.id) onNew();
          }}
        />
      )}
      {dialog === 'share' && result !== null && (
        <ShareDialog
          onClose={() => setDialog(null)}
          path={result.id === null ? null : `/compare/${result.id}`}
          visibility={result.visibility}
          canEdit={result.canEdit}
          onChange={(visibility) => store.share(visibility)}
          hint="They can vote on it. Only you can change it."
          savedWhen="once it is saved"
        />
      )}
    </div>
  );
}

function unfinishedText(count: number): string {
  return count === 1
    ? 'One answer was interrupted, stopped or failed.'
    : `${count} answers were interrupted, stopped or failed.`;
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
