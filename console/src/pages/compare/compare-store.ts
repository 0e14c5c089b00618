import { runAnswer, type RunningAnswer } from '../../answers/run.ts';
import type { Model } from '../../api/models.ts';
import { createSignal } from '../../signal.ts';
import { recordOf, requestOf } from './answer-record.ts';
import { keepComparison, meteredCosts } from './comparison-api.ts';
import {
  asksTheSame,
  contestantName,
  newPartId,
  promptText,
  type Draft,
  type KeptAnswer,
  type Measured,
  type Result,
} from './comparison.ts';

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
  readonly #requestIds = new Map<KeptAnswer, string>();
  #onCreated: (id: string) => void = () => undefined;

  constructor(draft: Draft, result: Result | null = null) {
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
    const target = adds ? result : freshResult(draft);
    const total = target.prompts.length * target.contestants.length;
    this.#stopped = false;
    this.#keptAtMs = performance.now();
    this.#set({
      result: target,
      keeping: 'idle',
      progress: { measured, done: 0, total, promptId: target.prompts[0]?.id ?? '' },
    });
    for (const prompt of target.prompts) {
      const groups =
        measured === 'together' ? [target.contestants] : target.contestants.map((each) => [each]);
      for (const group of groups) {
        if (this.#stopped) break;
        const runs = group.map((contestant) => ({
          contestant,
          run: runAnswer(requestOf(contestant.settings, prompt)),
        }));
        this.#progress({ promptId: prompt.id });
        this.#set({ running: new Map(runs.map(({ contestant, run }) => [contestant.id, run])) });
        await Promise.all(
          runs.map(async ({ contestant, run }) => {
            const answer = await run.ended;
            const price = options.models.find(({ id }) => id === contestant.settings.model)?.price ?? null;
            const place = { promptId: prompt.id, contestantId: contestant.id, measured };
            const record = recordOf(answer, place, price);
            if (answer.requestId !== null) this.#requestIds.set(record, answer.requestId);
            this.#addAnswer(contestant.id, record);
          }),
        );
      }
      if (options.mayBeKept && performance.now() - this.#keptAtMs > keepEveryMs) this.keep();
    }
    this.#set({ progress: null, running: new Map() });
    if (options.mayBeKept) this.keep();
    await this.#keeping;
    if (options.mayReadCosts) await this.#addMeteredCosts(options.mayBeKept);
  }

  /** Saves what there is; one save after the other. */
  keep(): void {
    this.#keptAtMs = performance.now();
    this.#keeping = this.#keepAfter(this.#keeping);
  }

  async #keepAfter(previous: Promise<void>): Promise<void> {
    await previous;
    const { result } = this.state.get();
    if (result === null || !result.canEdit) return;
    this.#set({ keeping: 'keeping' });
    try {
      const { id, version } = await keepComparison(result);
      const now = this.state.get().result;
      if (now !== null && now.prompts === result.prompts) this.#set({ result: { ...now, id, version } });
      this.#set({ keeping: 'idle' });
      if (result.id === null) this.#onCreated(id);
    } catch (error) {
      this.#set({ keeping: { failed: error instanceof Error ? error.message : 'It was not saved.' } });
    }
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
    this.#set({ running: left, result: { ...result, answers: [...result.answers, record] } });
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
    title: (prompts.length > 1 ? `${prompts.length} prompts: ${title}` : title).slice(0, 120),
    canEdit: true,
    blind,
    contestants,
    prompts: prompts.map((prompt) => ({ ...prompt, id: newPartId() })),
    answers: [],
  };
}
