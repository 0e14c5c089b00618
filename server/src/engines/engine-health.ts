import { get } from 'node:http';

/** What a probe found: `absent` when nothing listens yet, `silent` when something does and doesn't answer. */
export type EngineHealth =
  | { status: 'ok'; busy: boolean; lastStepAgeMs: number }
  | { status: 'loading' }
  | { status: 'absent' }
  | { status: 'silent' };

/** Asks `GET /health` on an engine's socket. Never throws: what goes wrong is the finding. */
export async function engineHealth(socketPath: string, timeoutMs: number): Promise<EngineHealth> {
  // oxlint-disable-next-line promise/avoid-new -- the other side is an event emitter
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/health', agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        if (body.length < 10_000) body += text;
      });
      response.on('end', () =>
        finish(response.statusCode === 200 ? parseHealth(body) : { status: 'loading' }),
      );
      response.on('error', () => finish({ status: 'silent' }));
    });
    request.on('error', () => finish({ status: 'absent' }));
    const finish = (health: EngineHealth): void => {
      clearTimeout(timer);
      resolve(health);
      request.destroy();
    };
    // An answer that came while this process itself was busy is read before the engine is called silent.
    const timer = setTimeout(() => setImmediate(() => finish({ status: 'silent' })), timeoutMs);
  });
}

function parseHealth(body: string): EngineHealth {
  try {
    const health: unknown = JSON.parse(body);
    if (typeof health === 'object' && health !== null) {
      const busy = 'busy' in health && health.busy === true;
      const age = 'last_step_age_ms' in health ? Number(health.last_step_age_ms) : 0;
      return { status: 'ok', busy, lastStepAgeMs: Number.isFinite(age) ? age : 0 };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { status: 'silent' };
}
