import type { ApiError } from '@weai/protocol/errors';
import type { Deployment } from '../engines/deployment.ts';
import { isEngineFailure } from '../engines/engine-errors.ts';

/** How long a deployment that failed is asked last. */
const defaultCooldownMs = 5_000;

/** A deployment that was tried and failed before the one that answered. */
export interface FailedAttempt {
  deploymentId: string;
  code: ApiError['code'];
}

/** Which deployment answers, and why. */
export interface Route<Answer> {
  answer: Answer;
  deployment: Deployment;
  /** Those that failed first, in order; empty when the first choice answered. */
  failed: FailedAttempt[];
  /** Call it once the answer is over: until then it counts as in flight. */
  release(): void;
}

interface Load {
  inFlight: number;
  /** When it was last chosen, as a count: the one chosen longest ago goes first among equals. */
  lastChosen: number;
  coolsUntilMs: number;
}

/** Chooses among a model's deployments: those that work before those that failed lately, then the least busy. */
export class Router {
  #loads = new Map<string, Load>();
  #chosen = 0;
  #now: () => number;
  #cooldownMs: number;

  constructor(options: { cooldownMs?: number; now?: () => number } = {}) {
    this.#cooldownMs = options.cooldownMs ?? defaultCooldownMs;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Tries deployments until one answers. `attempt` resolves with the answer's first part: what fails later is final.
   * @param affinityKey requests with the same key prefer the same deployment while loads are equal, for its prompt cache.
   * @throws the last engine failure when none answers; anything else that `attempt` throws at once.
   */
  async route<Answer>(
    deployments: readonly Deployment[],
    affinityKey: string | null,
    attempt: (deployment: Deployment) => Promise<Answer>,
  ): Promise<Route<Answer>> {
    const failed: FailedAttempt[] = [];
    let failure: ApiError | null = null;
    for (const deployment of this.order(deployments, affinityKey)) {
      const load = this.#load(deployment.id);
      const release = this.#choose(load);
      try {
        const answer = await attempt(deployment);
        load.coolsUntilMs = 0;
        return { answer, deployment, failed, release };
      } catch (error) {
        release();
        if (!isEngineFailure(error)) throw error;
        load.coolsUntilMs = this.#now() + this.#cooldownMs;
        failed.push({ deploymentId: deployment.id, code: error.code });
        failure = error;
      }
    }
    throw failure ?? new Error('no deployment to route to');
  }

  /** The order in which deployments are tried. */
  order(deployments: readonly Deployment[], affinityKey: string | null): readonly Deployment[] {
    if (deployments.length < 2) return deployments;
    const now = this.#now();
    const ranked = deployments.map((deployment) => {
      const load = this.#load(deployment.id);
      return {
        deployment,
        coolsUntilMs: load.coolsUntilMs > now ? load.coolsUntilMs : 0,
        inFlight: load.inFlight,
        turn: affinityKey === null ? load.lastChosen : rendezvous(affinityKey, deployment.id),
      };
    });
    ranked.sort((a, b) => a.coolsUntilMs - b.coolsUntilMs || a.inFlight - b.inFlight || a.turn - b.turn);
    return ranked.map((rank) => rank.deployment);
  }

  /** Requests that a deployment is answering now. */
  inFlight(deploymentId: string): number {
    return this.#loads.get(deploymentId)?.inFlight ?? 0;
  }

  /** A failure in the middle of an answer: later requests try others first. */
  failed(deploymentId: string): void {
    this.#load(deploymentId).coolsUntilMs = this.#now() + this.#cooldownMs;
  }

  #load(deploymentId: string): Load {
    let load = this.#loads.get(deploymentId);
    if (load === undefined) {
      load = { inFlight: 0, lastChosen: 0, coolsUntilMs: 0 };
      this.#loads.set(deploymentId, load);
    }
    return load;
  }

  #choose(load: Load): () => void {
    this.#chosen += 1;
    load.lastChosen = this.#chosen;
    load.inFlight += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      load.inFlight -= 1;
    };
  }
}

/** Highest-random-weight hashing (FNV-1a), lowest first: a key's favourite stays when other deployments come and go. */
function rendezvous(key: string, deploymentId: string): number {
  let hash = 0x811c9dc5;
  for (const text of [key, deploymentId]) {
    for (let at = 0; at < text.length; at += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
  }
  return hash >>> 0;
}
