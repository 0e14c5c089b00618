import { pageIsLeaving } from '../../answers/page-leaving.ts';
import type { Answer } from '../../answers/answer.ts';
import { runAnswer, type RunningAnswer } from '../../answers/run.ts';
import { ApiFailure } from '../../api/failure.ts';
import type { Model } from '../../api/models.ts';
import { createSignal } from '../../signal.ts';
import { recordOf, requestOf } from './answer-record.ts';
import { keepComparison, loadComparison, meteredCosts } from './comparison-api.ts';
import {
  asksTheSame,
  contestantName,
  newPartId,
  promptText,
  type Contestant,
  type Draft,
  type KeptAnswer,
  type Measured,
  type Result,
} from './comparison.ts';
import { mergedAnswers, unfinishedOf, withAnswer } from './unfinished.ts';

export interface CompareState {
  draft: Draft;
  result: Result | null;
  /** Null when nothing runs. */
  progress: { measured: Measured; done: number; total: number; promptId: string } | null;
  /** Answers on their way, by contestant. */
  running: ReadonlyMap<string, RunningAnswer>;
  keeping: 'idle' | 'keeping' | { failed: string };
}

export interface RunOptions {
  models: readonly Model[];
  /** Whether it is saved, and so can be voted on. */
  mayBeKept: boolean;
  /** Whether the ledger may be read for measured cost. */
  mayReadCosts: boolean;
}

const keepEveryMs = 8000;
const ledgerDelayMs = 1200;

/** One comparison: what is asked next, what ran last, and the run itself, which goes on while the page is drawn anew. */
export class CompareStore {
  readonly state;
  #stopped = false;
  #keeping: Promise<void> = Promise.resolve();
  #keptAtMs = 0;
  #isAhead: boolean;
  #models: readonly Model[] = [];
  readonly #requestIds = new Map<KeptAnswer, string>();
  #onCreated: (id: string) => void = () => undefined;

  /** @param isAhead whether there are answers that the server doesn't have. */
  constructor(draft: Draft, result: Result | null = null, isAhead = false) {
    this.#isAhead = isAhead;
    this.state = createSignal<CompareState>({
      draft,
      result,
      progress: null,
      running: new Map(),
      keeping: 'idle',
    });
  }

  whenCreated(listener: (id: string) => void): void {
    this.#onCreated = listener;
  }

  change(draft: Partial<Draft>): void {
    this.#set({ draft: { ...this.state.get().draft, ...draft } });
  }

  stop(): void {
    this.#stopped = true;
    for (const run of this.state.get().running.values()) run.stop();
  }

  /** Asks every contestant every prompt. Measuring alone what ran together adds to it; anything else starts a new comparison. */
  async run(options: RunOptions): Promise<void> {
    const { draft, result, progress } = this.state.get();
    if (progress !== null) return;
    const { measured } = draft;
    const adds =
      result !== null &&
      result.canEdit &&
      asksTheSame(draft, result) &&
      !result.answers.some((answer) => answer.measured === measured);
    await this.#ask(adds ? result : freshResult(draft), measured, null, options);
  }

  /** Asks again what was interrupted, stopped or failed, and what was never asked. */
  async goOn(options: RunOptions): Promise<void> {
    const { result, progress } = this.state.get();
    const open = result === null ? null : unfinishedOf(result);
    if (result === null || open === null || progress !== null) return;
    await this.#ask(result, open.measured, open.contestants, options);
  }

  /** @param only by prompt, who is asked; null asks everyone everything. */
  async #ask(
    target: Result,
    measured: Measured,
    only: ReadonlyMap<string, ReadonlySet<string>> | null,
    options: RunOptions,
  ): Promise<void> {
    const asked = target.prompts.flatMap((prompt) => {
      const contestants = target.contestants.filter(
        ({ id }) => only?.get(prompt.id)?.has(id) ?? only === null,
      );
      if (measured === 'alone') return contestants.map((each) => ({ prompt, contestants: [each] }));
      return contestants.length === 0 ? [] : [{ prompt, contestants }];
    });
    this.#stopped = false;
    this.#keptAtMs = performance.now();
    this.#models = options.models;
    this.#set({
      result: target,
      keeping: 'idle',
      progress: {
        measured,
        done: 0,
        total: asked.reduce((sum, { contestants }) => sum + contestants.length, 0),
        promptId: asked[0]?.prompt.id ?? '',
      },
    });
    for (const { prompt, contestants } of asked) {
      if (this.#stopped || pageIsLeaving()) break;
      const runs = contestants.map((contestant) => ({
        contestant,
        run: runAnswer(requestOf(contestant.settings, prompt)),
      }));
      this.#progress({ promptId: prompt.id });
      this.#set({ running: new Map(runs.map(({ contestant, run }) => [contestant.id, run])) });
      await Promise.all(
        runs.map(async ({ contestant, run }) => {
          const answer = await run.ended;
          const record = this.#record(answer, contestant, { promptId: prompt.id, measured });
          if (answer.requestId !== null) this.#requestIds.set(record, answer.requestId);
          this.#addAnswer(contestant.id, record);
        }),
      );
      if (options.mayBeKept && performance.now() - this.#keptAtMs > keepEveryMs) this.keep();
    }
    this.#set({ progress: null, running: new Map() });
    // A page that goes away keeps it in its tab: whether it still reached the server could not be told after a reload.
    if (pageIsLeaving()) return;
    if (options.mayBeKept) this.keep();
    await this.#keeping;
    if (options.mayReadCosts) await this.#addMeteredCosts(options.mayBeKept);
  }

  /** What ran, with the answers that are on their way as far as they came. */
  snapshot(): Result | null {
    const { result, running, progress } = this.state.get();
    if (result === null || progress === null) return result;
    const { measured, promptId } = progress;
    let { answers } = result;
    for (const [contestantId, { answer }] of running) {
      const contestant = result.contestants.find(({ id }) => id === contestantId);
      if (contestant && answer.get().text !== '')
        answers = withAnswer(answers, this.#record(answer.get(), contestant, { promptId, measured }));
    }
    return { ...result, answers };
  }

  #record(
    answer: Answer,
    { id, settings }: Contestant,
    { promptId, measured }: { promptId: string; measured: Measured },
  ): KeptAnswer {
    const price = this.#models.find((model) => model.id === settings.model)?.price ?? null;
    return recordOf(answer, { promptId, contestantId: id, measured }, price);
  }

  /** Shows it to the project, or to its maker alone. */
  share(visibility: Result['visibility']): void {
    const { result } = this.state.get();
    if (result === null) return;
    this.#set({ result: { ...result, visibility } });
    this.keep();
  }

  /** Saves what there is; one save after the other. */
  keep(): void {
    this.#keptAtMs = performance.now();
    this.#keeping = this.#keepAfter(this.#keeping);
  }

  /** Saves what a reload left in this tab alone. */
  keepIfAhead(): void {
    if (this.#isAhead) this.keep();
    this.#isAhead = false;
  }

  async #keepAfter(previous: Promise<void>): Promise<void> {
    await previous;
    const { result } = this.state.get();
    if (result === null || !result.canEdit) return;
    this.#set({ keeping: 'keeping' });
    try {
      const { id, version } = await keepComparison(result).catch((error: unknown) =>
        this.#afterConflict(result, error),
      );
      const now = this.state.get().result;
      if (now !== null && now.prompts === result.prompts) this.#set({ result: { ...now, id, version } });
      this.#set({ keeping: 'idle' });
      if (result.id === null) this.#onCreated(id);
    } catch (error) {
      this.#set({ keeping: { failed: error instanceof Error ? error.message : 'It was not saved.' } });
    }
  }

  /** Another tab saved meanwhile: the answers of both are kept. */
  async #afterConflict(mine: Result, error: unknown): Promise<{ id: string; version: number }> {
    if (!(error instanceof ApiFailure) || error.code !== 'version_conflict' || mine.id === null) throw error;
    const theirs = await loadComparison(mine.id);
    const now = this.state.get().result;
    const answers = mergedAnswers(theirs.answers, mine.answers);
    if (now !== null && now.prompts === mine.prompts) this.#set({ result: { ...now, answers } });
    return keepComparison({ ...mine, answers, version: theirs.version });
  }

  #set(change: Partial<CompareState>): void {
    this.state.set({ ...this.state.get(), ...change });
  }

  #progress(change: { done?: number; promptId?: string }): void {
    const { progress } = this.state.get();
    if (progress !== null) this.#set({ progress: { ...progress, ...change } });
  }

  #addAnswer(contestantId: string, record: KeptAnswer): void {
    const { result, running, progress } = this.state.get();
    if (result === null) return;
    const left = new Map(running);
    left.delete(contestantId);
    this.#set({ running: left, result: { ...result, answers: withAnswer(result.answers, record) } });
    this.#progress({ done: (progress?.done ?? 0) + 1 });
  }

  /** The ledger has a request a moment after its answer; where it can't be read, prices stay as computed here. */
  async #addMeteredCosts(mayBeKept: boolean): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, ledgerDelayMs);
    });
    const { result, progress } = this.state.get();
    if (result === null || progress !== null || this.#requestIds.size === 0) return;
    const costs = await meteredCosts([...this.#requestIds.values()]).catch((error: unknown) => {
      console.warn('The measured cost could not be read', error);
      return null;
    });
    const now = this.state.get().result;
    if (costs === null || now === null || now.prompts !== result.prompts) return;
    const answers = now.answers.map((answer) => {
      const cost = costs.get(this.#requestIds.get(answer) ?? '');
      if (cost === undefined) return answer;
      return {
        ...answer,
        metrics: { ...answer.metrics, cost_usd: cost.costUsd, machine_usd: cost.machineUsd },
      };
    });
    this.#requestIds.clear();
    this.#set({ result: { ...now, answers } });
    if (mayBeKept) this.keep();
  }
}

/** A comparison to be, with prompts of its own: votes and answers of an earlier one aren't its. */
function freshResult({ contestants, prompts, blind }: Draft): Result {
  const [first] = prompts;
  const asked = first === undefined ? '' : promptText(first).replaceAll(/\s+/g, ' ').trim();
  const title = asked === '' ? contestants.map(contestantName).join(' / ') : asked;
  return {
    id: null,
    version: 0,
    visibility: 'private',
    title: (prompts.length > 1 ? `${prompts.length} prompts: ${title}` : title).slice(0, 120),
    canEdit: true,
    blind,
    contestants,
    prompts: prompts.map((prompt) => ({ ...prompt, id: newPartId() })),
    answers: [],
  };
}
