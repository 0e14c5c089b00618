import { Agent, type Dispatcher, request } from 'undici';
import { textWithin } from './bounded-body.ts';
import type { Deployment } from './deployment.ts';
import { kinds } from './kinds.ts';

/** How an engine is, as its own answers tell. */
export interface EngineStatus {
  state: 'ready' | 'starting' | 'failed' | 'stopped';
  /** Why it isn't ready, in a sentence; null when it is. */
  reason: string | null;
  /** Requests that it works on, of whatever client; null when it doesn't tell. */
  running: number | null;
  /** Requests that wait in it; null when it doesn't tell. */
  queued: number | null;
}

/** vLLM's metrics are a few hundred kilobytes. */
const mostBytes = 4 * 1024 * 1024;

/** Asks an engine whether it answers, and how much it has to do. Never throws: what goes wrong is the finding. */
export async function engineStatus(deployment: Deployment, timeoutMs = 2_000): Promise<EngineStatus> {
  const { endpoint } = deployment;
  const socket = 'socketPath' in endpoint ? { socketPath: endpoint.socketPath } : {};
  const dispatcher = new Agent({ connect: { timeout: timeoutMs, ...socket } });
  const ask = asker(deployment, dispatcher, AbortSignal.timeout(timeoutMs));
  const unknown = { running: null, queued: null };
  try {
    const { status, text } = await ask('baseUrl' in endpoint ? `${endpoint.baseUrl}/models` : '/health');
    if (status === 503) return { state: 'starting', reason: 'It is loading its weights.', ...unknown };
    if (status !== 200) return { state: 'failed', reason: refusal(status), ...unknown };
    const load = 'socketPath' in endpoint ? loadOfHealth(text) : await remoteLoad(deployment, ask);
    return { state: 'ready', reason: null, ...load };
  } catch (error) {
    if ('socketPath' in endpoint) return { state: 'stopped', reason: 'Its engine does not run.', ...unknown };
    return { state: 'failed', reason: `It can't be reached (${reasonOf(error)}).`, ...unknown };
  } finally {
    await dispatcher.destroy();
  }
}

type Ask = (url: string) => Promise<{ status: number; text: string }>;
type Load = Pick<EngineStatus, 'running' | 'queued'>;

function asker({ apiKey }: Deployment, dispatcher: Dispatcher, signal: AbortSignal): Ask {
  return async (url) => {
    const { statusCode, body } = await request(url.startsWith('/') ? `http://engine${url}` : url, {
      dispatcher,
      signal,
      headers: apiKey === null ? {} : { authorization: `Bearer ${apiKey}` },
    });
    return { status: statusCode, text: (await textWithin(body, mostBytes)) ?? '' };
  };
}

/** Many servers keep their metrics to themselves: that one doesn't tell says nothing of whether it works. */
async function remoteLoad({ endpoint, kind }: Deployment, ask: Ask): Promise<Load> {
  const root = 'baseUrl' in endpoint ? endpoint.baseUrl.replace(/\/v1$/, '') : '';
  const gauges = kinds[kind].loadGauges;
  if (gauges === null && kind !== 'embedded') return { running: null, queued: null };
  try {
    const { status, text } = await ask(`${root}${gauges === null ? '/health' : '/metrics'}`);
    if (status !== 200) return { running: null, queued: null };
    if (gauges === null) return loadOfHealth(text);
    return { running: gaugeOf(text, gauges.running), queued: gaugeOf(text, gauges.queued) };
  } catch {
    // Refused, too slow or cut: the same as one that has no metrics.
    return { running: null, queued: null };
  }
}

/** The sum of a gauge over its labels, in Prometheus's text format; null when it isn't there. */
function gaugeOf(text: string, name: string): number | null {
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
    .filter(Number.isFinite);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

function loadOfHealth(text: string): Load {
  let health: unknown;
  try {
    health = JSON.parse(text);
  } catch {
    // Another server may have any page there.
    return { running: null, queued: null };
  }
  const count = (name: string): number | null => {
    const value: unknown = Object(health)[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  return { running: count('running'), queued: count('queued') };
}

function refusal(status: number): string {
  if (status === 401 || status === 403) return `It refuses the key (${status}).`;
  return `It answered ${status} when it was asked for its models.`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
