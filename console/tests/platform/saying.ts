import {
  scriptedEvent,
  scriptedStream,
  type ScriptedAnswer,
} from '../../../conformance/platform/scripted-upstream.ts';

/** A stream of these words. */
export function saying(...words: string[]): ScriptedAnswer {
  return {
    ...scriptedStream,
    pieces: [
      ...words.map((content) => scriptedEvent({ delta: { content } })),
      scriptedEvent({ delta: {}, finish_reason: 'stop' }),
      scriptedEvent(null, {
        prompt_tokens: 12,
        completion_tokens: words.length,
        total_tokens: 12 + words.length,
      }),
      'data: [DONE]\n\n',
    ],
  };
}

/** A stream of `word0 word1 …` that goes on for a minute. */
export function sayingForLong(): ScriptedAnswer {
  return {
    ...scriptedStream,
    intervalMs: 30,
    pieces: Array.from({ length: 2000 }, (_, index) =>
      scriptedEvent({ delta: { content: `word${index} ` } }),
    ),
  };
}
