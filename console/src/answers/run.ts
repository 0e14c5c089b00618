import { prepareStream, streamChat, type ChatRequest } from '../api/chat-stream.ts';
import { ApiFailure } from '../api/failure.ts';
import { createSignal, type Signal } from '../signal.ts';
import { newAnswer, withChunk, type Answer } from './answer.ts';
import { pageIsLeaving } from './page-leaving.ts';
import { takeStreamPlace } from './stream-places.ts';

/** A request on its way: its answer so far, a way to stop it, and when it is over. */
export interface RunningAnswer {
  answer: Signal<Answer>;
  stop: () => void;
  /** Settles with the whole answer; never rejects: what went wrong is in it. */
  ended: Promise<Answer>;
}

/**
 * Asks a model. The answer's signal changes at most once a frame, however many tokens come, so that six streams at once
 * stay smooth; a tab in the background is told too. Where too many stream already it waits; its times begin when it is sent.
 */
export function runAnswer(request: ChatRequest): RunningAnswer {
  const abort = new AbortController();
  let current: Answer = { ...newAnswer(performance.now()), state: 'queued' };
  const answer = createSignal(current);
  let frame: number | null = null;
  const show = () => {
    frame = null;
    answer.set(current);
  };
  const change = (next: Answer) => {
    current = next;
    if (document.hidden) show();
    else frame ??= requestAnimationFrame(show);
  };

  const run = async (): Promise<Answer> => {
    let end: Partial<Answer>;
    let freePlace = () => {};
    try {
      freePlace = await takeStreamPlace(abort.signal);
      change(newAnswer(performance.now()));
      await prepareStream();
      change(newAnswer(performance.now()));
      const chunks = streamChat(request, {
        signal: abort.signal,
        onHead: ({ requestId, standIn }) => change({ ...current, requestId, standIn }),
      });
      for await (const chunk of chunks) change(withChunk(current, chunk, performance.now()));
      end = { state: 'done' };
    } catch (error) {
      end = endOf(error, abort.signal.aborted);
    }
    freePlace();
    if (frame !== null) cancelAnimationFrame(frame);
    current = { ...current, ...end, endedAtMs: performance.now() };
    show();
    return current;
  };
  return { answer, stop: () => abort.abort(), ended: run() };
}

function endOf(error: unknown, stopped: boolean): Partial<Answer> {
  if (stopped) return { state: 'stopped', finishReason: 'stopped' };
  // The browser closed the connection because the page goes away: interrupted, not failed.
  if (pageIsLeaving()) return { state: 'stopped', finishReason: 'cut' };
  const message = error instanceof Error ? error.message : 'The answer failed.';
  const code = error instanceof ApiFailure ? error.code : null;
  const requestId = error instanceof ApiFailure ? { requestId: error.requestId } : {};
  return { state: 'failed', error: { message, code }, ...requestId };
}
