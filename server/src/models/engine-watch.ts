import type { Deployment } from '../engines/deployment.ts';
import { type EngineStatus, engineStatus } from '../engines/engine-status.ts';
import type { LocalEngines } from '../engines/local-engines.ts';
import type { DeploymentState } from './model-object.ts';

/** How a deployment's engine is. */
export type DeploymentStatus = Omit<EngineStatus, 'state'> & { state: DeploymentState };

/** However many look, an engine is asked this often. */
const freshMs = 2_000;
/** An engine's last words can be pages long. */
const longestReasonChars = 1_000;

/** Asks engines how they are, when somebody wants to know. */
export class EngineWatch {
  readonly #engines: Pick<LocalEngines, 'stateOf' | 'failureOf'>;
  readonly #asked = new Map<string, { atMs: number; status: Promise<EngineStatus> }>();

  constructor(engines: Pick<LocalEngines, 'stateOf' | 'failureOf'>) {
    this.#engines = engines;
  }

  /** What the supervisor knows of an engine of this machine comes first. */
  async statusOf(deployment: Deployment): Promise<DeploymentStatus> {
    const state = this.#engines.stateOf(deployment.id);
    if (state !== null && state !== 'ready') {
      const reason = this.#engines.failureOf(deployment.id)?.slice(0, longestReasonChars) ?? null;
      return { state, reason, running: null, queued: null };
    }
    const asked = await this.#ask(deployment);
    // A busy machine's engine may answer late: its supervisor, which is more patient, says when it is gone.
    return state === 'ready' ? { ...asked, state, reason: null } : asked;
  }

  #ask(deployment: Deployment): Promise<EngineStatus> {
    const nowMs = performance.now();
    const known = this.#asked.get(deployment.id);
    if (known !== undefined && nowMs - known.atMs < freshMs) return known.status;
    for (const [id, { atMs }] of this.#asked) if (nowMs - atMs >= freshMs) this.#asked.delete(id);
    const status = engineStatus(deployment);
    this.#asked.set(deployment.id, { atMs: nowMs, status });
    return status;
  }
}
