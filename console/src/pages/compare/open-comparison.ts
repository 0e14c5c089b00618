import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { Model } from '../../api/models.ts';
import { chosenProjectId } from '../../api/project.ts';
import { loadComparison } from './comparison-api.ts';
import {
  newPartId,
  newPrompt,
  type Contestant,
  type Draft,
  type Result,
  type Settings,
} from './comparison.ts';
import { CompareStore } from './compare-store.ts';
import { dropCopy, keepCopy, readCopy } from './kept-copy.ts';
import { mergedAnswers } from './unfinished.ts';

/** Where a fresh comparison cuts its answers, in tokens: they are to be read side by side. */
const freshMostTokens = 300;

/** The comparison that was open last: still there, and still running, when the member comes back to the page. */
let last: { store: CompareStore; projectId: string | null } | null = null;

function newContestant(settings: Settings): Contestant {
  return { id: newPartId(), settings: { max_completion_tokens: freshMostTokens, ...settings } };
}

/** Two models that answer; one with two temperatures where there is only one. */
function freshDraft(models: readonly Model[]): Draft {
  const ready = models.filter(({ status }) => status === 'ready');
  const [first, second] = ready.length > 0 ? ready : models;
  const model = first?.id ?? '';
  return {
    contestants:
      second === undefined
        ? [newContestant({ model, temperature: 0 }), newContestant({ model, temperature: 1 })]
        : [newContestant({ model }), newContestant({ model: second.id })],
    prompts: [newPrompt('')],
    blind: false,
    measured: 'together',
  };
}

/** Leaves the open comparison, so that the page begins a new one. */
export function leaveComparison(): void {
  last?.store.stop();
  last = null;
  dropCopy();
}

/** Before the page goes away, and whenever it is hidden: a browser on a telephone may not tell more. */
function keepOpen(): void {
  if (last === null) return;
  const { store, projectId } = last;
  keepCopy({ projectId, draft: store.state.get().draft, result: store.snapshot() });
}
addEventListener('pagehide', keepOpen);
document.addEventListener('visibilitychange', () => {
  if (document.hidden) keepOpen();
});

/** A comparison that isn't saved: what this tab kept of it, else a new one. */
function openNew(models: readonly Model[]): CompareStore {
  const copy = readCopy(null);
  return copy === null
    ? new CompareStore(freshDraft(models))
    : new CompareStore(copy.draft, copy.result, copy.result !== null);
}

/** A saved comparison, with what this tab had of it that the server has not. */
function openSaved(saved: Result): CompareStore {
  const { contestants, prompts, blind } = saved;
  const copy = readCopy(saved.id);
  const draft = copy?.draft ?? { contestants, prompts, blind, measured: 'together' };
  const answers = mergedAnswers(saved.answers, saved.canEdit ? (copy?.result?.answers ?? []) : []);
  return new CompareStore(draft, { ...saved, answers }, answers.length > saved.answers.length);
}

function rememberOpen(store: CompareStore): void {
  last = { store, projectId: chosenProjectId.get() };
}

/** The comparison that the address names, else the one that was open, else a new one. Null while it is read. */
export function useCompareStore(
  id: string | undefined,
  models: readonly Model[] | undefined,
  mayBeKept: boolean,
) {
  const known =
    last !== null &&
    last.projectId === chosenProjectId.get() &&
    (id === undefined || last.store.state.get().result?.id === id)
      ? last.store
      : null;
  const kept = useQuery({
    queryKey: ['comparison', id],
    queryFn: () => loadComparison(id ?? ''),
    enabled: id !== undefined && known === null,
    staleTime: 0,
  });
  const { data } = kept;
  const store = useMemo(() => {
    if (known !== null) return known;
    if (id === undefined) return models === undefined ? null : openNew(models);
    return data === undefined ? null : openSaved(data);
  }, [known, id, models, data]);
  useEffect(() => {
    if (store === null) return;
    rememberOpen(store);
    if (mayBeKept) store.keepIfAhead();
  }, [store, mayBeKept]);
  return { store, error: store === null ? kept.error : null, retry: () => void kept.refetch() };
}
