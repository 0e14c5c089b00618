import type { Logger } from '../log.ts';
import { EngineSupervisor } from './supervisor.ts';
import type { EngineState, LocalEngineSpec } from './supervisor.ts';

/** The engine processes of this machine: as many as there are weights to serve. */
export class LocalEngines {
  readonly #log: Logger;
  readonly #supervisors = new Map<string, { spec: LocalEngineSpec; supervisor: EngineSupervisor }>();
  #stopping = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Starts the engines that are wanted and don't run, and stops those that run and aren't wanted. Resolves when each
   * is ready or has failed its first start; a failed one goes on being tried.
   */
  async reconcile(wanted: LocalEngineSpec[]): Promise<void> {
    if (this.#stopping) return;
    const changes: Promise<void>[] = [];
    for (const [id, { spec, supervisor }] of this.#supervisors) {
      if (wanted.some((candidate) => JSON.stringify(candidate) === JSON.stringify(spec))) continue;
      this.#supervisors.delete(id);
      changes.push(supervisor.stop());
    }
    await Promise.all(changes);
    await Promise.all(
      wanted
        .filter(({ deploymentId }) => !this.#supervisors.has(deploymentId))
        .map((spec) => this.#start(spec)),
    );
  }

  /** Deployment id → state. */
  states(): Record<string, EngineState> {
    return Object.fromEntries([...this.#supervisors].map(([id, { supervisor }]) => [id, supervisor.state]));
  }

  /** Deployment id → how often its engine ended unasked. */
  restarts(): Record<string, number> {
    return Object.fromEntries(
      [...this.#supervisors].map(([id, { supervisor }]) => [id, supervisor.restarts]),
    );
  }

  /** Null for a deployment whose engine doesn't run on this machine. */
  stateOf(deploymentId: string): EngineState | null {
    return this.#supervisors.get(deploymentId)?.supervisor.state ?? null;
  }

  /** Why a deployment's engine isn't ready; null when it is, or where it doesn't run on this machine. */
  failureOf(deploymentId: string): string | null {
    return this.#supervisors.get(deploymentId)?.supervisor.failure ?? null;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#supervisors.values()].map(({ supervisor }) => supervisor.stop()));
  }

  async #start(spec: LocalEngineSpec): Promise<void> {
    const supervisor = new EngineSupervisor(spec, this.#log);
    this.#supervisors.set(spec.deploymentId, { spec, supervisor });
    try {
      await supervisor.start();
    } catch (error) {
      this.#log.error({ deployment: spec.deploymentId, err: error }, 'an engine could not be started');
    }
  }
}
