import { expect, test } from 'vitest';
import type { ChatTiming } from './chat-stream.ts';
import { pause } from './engine-loads.ts';

function stream(tokenAtMs: number[], severalTokensAtMs: number[] = []): ChatTiming {
  return {
    sentAtMs: 0,
    tokenAtMs,
    severalTokensAtMs: new Set(severalTokensAtMs),
    text: '',
    promptTokens: 0,
    completionTokens: 0,
    cachedTokens: 0,
    aborted: true,
  };
}

test('a pause is told in what a token of the stream takes at that moment', () => {
  // 10 ms a token before 100, 30 after 500; the pause of 100 ms ends half-way.
  const seen = pause(stream([80, 90, 100, 200, 300, 360, 420, 480, 530, 560, 590]), 100, 500);
  expect(seen).toMatchObject({ tokenTimeBeforeMs: 10, tokenTimeAfterMs: 30, longestPauseMs: 100 });
  expect(seen.pauseInTokenTimes).toBeCloseTo(100 / 15);
  expect(seen.pauseInTokenTimesBefore).toBeCloseTo(10);
});

test('silence at the end of the window is a pause', () => {
  expect(pause(stream([0, 10, 20, 30, 40, 210, 220, 230]), 25, 200).longestPauseMs).toBe(160);
});

test('a character of several tokens is no pause', () => {
  const times = [0, 10, 20, 60, 80, 100, 120, 130, 140];
  expect(pause(stream(times, [60]), 20, 115).longestPauseMs).toBe(20);
  expect(pause(stream(times), 20, 115).longestPauseMs).toBe(40);
});
