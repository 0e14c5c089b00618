import { useEffect, useRef, useState } from 'react';
import { useHotkey } from '../../shell/hotkeys.ts';
import { useSignal } from '../../signal.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ChevronLeftIcon, ChevronRightIcon, StopIcon } from '../../ui/icons.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import { AnswerColumn } from './answer-column.tsx';
import { letters, shuffled } from './blind.ts';
import { answerOf, contestantNames, promptText, type Result } from './comparison.ts';
import type { CompareState, CompareStore } from './compare-store.ts';
import type { Voting } from './votes.ts';

export interface AnswersProps {
  store: CompareStore;
  result: Result;
  progress: CompareState['progress'];
  voting: Voting;
}

/** The answers to one prompt, side by side; the keys 1 to 6 vote. */
export function Answers({ store, result, progress, voting }: AnswersProps) {
  const { running } = useSignal(store.state);
  const [chosen, setChosen] = useState(0);
  const { prompts, contestants, answers, blind } = result;
  const at = progress === null ? -1 : prompts.findIndex(({ id }) => id === progress.promptId);
  const index = at >= 0 ? at : Math.min(chosen, prompts.length - 1);
  const prompt = prompts[index];
  const columns = prompt === undefined ? [] : blind ? shuffled(contestants, prompt.id) : [...contestants];
  const own = prompt === undefined ? undefined : voting.own.get(prompt.id);
  const mayVote = progress === null && result.id !== null && prompt !== undefined;
  const hidden = blind && !voting.revealed;

  const vote = (verdict: 'best' | 'tie' | 'none', place: number | null) => {
    const contestant = place === null ? null : columns[place];
    if (!mayVote || voting.busy || contestant === undefined) return;
    voting.vote(prompt.id, verdict, contestant?.id ?? null);
    const open = prompts.findIndex(({ id }) => id !== prompt.id && !voting.own.has(id));
    if (hidden && open >= 0) setChosen(open);
  };
  useVoteKeys(columns.length, vote, mayVote);

  const place = useRef<HTMLElement>(null);
  const runs = progress !== null;
  useEffect(() => {
    // On a narrow screen what is asked fills it: the answers come into sight when they start.
    if (runs && matchMedia('(max-width: 640px)').matches)
      place.current?.scrollIntoView({ behavior: 'smooth' });
  }, [runs]);

  if (prompt === undefined) return null;
  const names = contestantNames(contestants);
  return (
    <section ref={place} aria-label="Answers" className="flex scroll-mt-3 flex-col gap-3">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h2 className="line-clamp-3 text-sm font-medium whitespace-pre-wrap">{promptText(prompt)}</h2>
          {prompt.reference != null && (
            <p className="line-clamp-2 text-xs text-muted">A good answer: {prompt.reference}</p>
          )}
        </div>
        {progress !== null && (
          // On a narrow screen the other one has scrolled out of sight.
          <Button size="small" className="sm:hidden" onClick={() => store.stop()}>
            <StopIcon className="size-3.5" />
            Stop
          </Button>
        )}
        {prompts.length > 1 && (
          <div className="flex shrink-0 items-center gap-1 text-xs text-muted tabular">
            <IconButton
              label="Prompt before"
              disabled={progress !== null || index === 0}
              onClick={() => setChosen(index - 1)}
            >
              <ChevronLeftIcon />
            </IconButton>
            {index + 1} of {prompts.length}
            <IconButton
              label="Next prompt"
              disabled={progress !== null || index === prompts.length - 1}
              onClick={() => setChosen(index + 1)}
            >
              <ChevronRightIcon />
            </IconButton>
          </div>
        )}
      </div>
      <ul
        aria-label="Answers side by side"
        className="-mx-4 grid snap-x snap-mandatory scroll-px-4 auto-cols-[minmax(85%,1fr)] grid-flow-col gap-3 overflow-x-auto px-4 pb-2 sm:mx-0 sm:scroll-px-0 sm:auto-cols-[minmax(19rem,1fr)] sm:px-0"
      >
        {columns.map((contestant, place) => (
          <AnswerColumn
            key={contestant.id}
            name={hidden ? `Answer ${letters[place] ?? ''}` : (names.get(contestant.id) ?? '')}
            letter={blind ? (letters[place] ?? null) : null}
            hidden={hidden}
            answer={answerOf(answers, prompt.id, contestant.id, progress?.measured)}
            alone={answerOf(answers, prompt.id, contestant.id, 'alone')}
            run={running.get(contestant.id) ?? null}
            voteKey={String(place + 1)}
            voted={own?.contestant_id === contestant.id}
            onVote={mayVote ? () => vote('best', place) : null}
          />
        ))}
      </ul>
      <div className="flex min-h-8 flex-wrap items-center gap-2">
        {mayVote && (
          <>
            <Button size="small" aria-pressed={own?.verdict === 'tie'} onClick={() => vote('tie', null)}>
              {own?.verdict === 'tie' ? 'Voted: a tie' : 'A tie'} <Kbd keys="T" />
            </Button>
            <Button size="small" aria-pressed={own?.verdict === 'none'} onClick={() => vote('none', null)}>
              {own?.verdict === 'none' ? 'Voted: none is good' : 'None is good'} <Kbd keys="0" />
            </Button>
          </>
        )}
        {mayVote && hidden && (
          <p className="ml-auto flex items-center gap-3 text-xs text-muted tabular">
            {voting.own.size} of {prompts.length} voted
            <Button size="small" onClick={voting.reveal}>
              Reveal
            </Button>
          </p>
        )}
      </div>
      <p className="sr-only" aria-live="polite">
        {announcement(progress, answers.length)}
      </p>
    </section>
  );
}

/** One sentence at the start, one at each prompt, one at the end: not each token. */
function announcement(progress: CompareState['progress'], count: number): string {
  if (progress !== null) return `Answers come: ${progress.done} of ${progress.total}`;
  return count === 0 ? '' : `${count} ${count === 1 ? 'answer is' : 'answers are'} there`;
}

function useVoteKeys(
  count: number,
  vote: (verdict: 'best' | 'tie' | 'none', place: number | null) => void,
  enabled: boolean,
): void {
  const at = (place: number) => (event: KeyboardEvent) => {
    if (!isTyping(event)) vote('best', place);
  };
  useHotkey('1', at(0), enabled && count > 0);
  useHotkey('2', at(1), enabled && count > 1);
  useHotkey('3', at(2), enabled && count > 2);
  useHotkey('4', at(3), enabled && count > 3);
  useHotkey('5', at(4), enabled && count > 4);
  useHotkey('6', at(5), enabled && count > 5);
  useHotkey('t', (event) => !isTyping(event) && vote('tie', null), enabled);
  useHotkey('0', (event) => !isTyping(event) && vote('none', null), enabled);
}

function isTyping({ target }: KeyboardEvent): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable], [role=dialog], [role=combobox], [role=listbox]',
    ) !== null
  );
}
