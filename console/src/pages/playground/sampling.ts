import { formatUsualLength } from '../../answers/format.ts';
import type { Settings } from './conversation-tree.ts';

export type SamplingName =
  | 'temperature'
  | 'top_p'
  | 'top_k'
  | 'min_p'
  | 'max_completion_tokens'
  | 'frequency_penalty'
  | 'presence_penalty'
  | 'repetition_penalty'
  | 'seed';

export interface SamplingSetting {
  name: SamplingName & keyof Settings;
  label: string;
  min: number;
  max: number;
  step: number;
  /** What applies when it isn't set, in words. */
  unset: string;
  /** Where the slider stands then; null has no slider. */
  rest: number | null;
  explanation: string;
  /** What the ends of the slider do. */
  ends?: [string, string];
  /** Behind "More". */
  rare?: true;
}

/** Every sampling setting, explained where it is set. Ranges are those of the API. */
export const samplingSettings: readonly SamplingSetting[] = [
  {
    name: 'temperature',
    label: 'Temperature',
    min: 0,
    max: 2,
    step: 0.05,
    unset: '1',
    rest: 1,
    explanation:
      'How freely the next word is chosen. 0 takes the likeliest, so that the same question gets the same answer; towards 2 come surprises, then nonsense.',
    ends: ['0 exact', '2 wild'],
  },
  {
    name: 'max_completion_tokens',
    label: 'Maximum tokens',
    min: 1,
    max: 1_000_000,
    step: 1,
    // Instead of it stands the model's usual length, where it has one.
    unset: formatUsualLength(null),
    rest: null,
    explanation: 'Where an answer is cut. A token is about three quarters of an English word.',
  },
  {
    name: 'top_p',
    label: 'Top P',
    min: 0,
    max: 1,
    step: 0.01,
    unset: '1',
    rest: 1,
    explanation:
      'Chooses among the likeliest words that together have this probability. Change it or the temperature, not both.',
    ends: ['0 only the likeliest', '1 all of them'],
  },
  {
    name: 'frequency_penalty',
    label: 'Frequency penalty',
    min: -2,
    max: 2,
    step: 0.1,
    unset: '0',
    rest: 0,
    explanation: 'Makes a word less likely each time it was used. Against repetition.',
    ends: ['−2 repeats more', '2 repeats less'],
    rare: true,
  },
  {
    name: 'presence_penalty',
    label: 'Presence penalty',
    min: -2,
    max: 2,
    step: 0.1,
    unset: '0',
    rest: 0,
    explanation: 'Makes words less likely once they were used at all. Towards new subjects.',
    ends: ['−2 stays with it', '2 moves on'],
    rare: true,
  },
  {
    name: 'repetition_penalty',
    label: 'Repetition penalty',
    min: 0.05,
    max: 2,
    step: 0.05,
    unset: '1',
    rest: 1,
    explanation: 'Divides the score of words that were used, in the question too. Small models like 1.1.',
    ends: ['under 1 repeats', '2 avoids'],
    rare: true,
  },
  {
    name: 'top_k',
    label: 'Top K',
    min: -1,
    max: 1_000_000,
    step: 1,
    unset: 'off',
    rest: null,
    explanation: 'Chooses among this many likeliest words. 0 or −1 turns it off.',
    rare: true,
  },
  {
    name: 'min_p',
    label: 'Min P',
    min: 0,
    max: 1,
    step: 0.01,
    unset: '0',
    rest: 0,
    explanation: 'Leaves out words that are less likely than this share of the likeliest one.',
    ends: ['0 none left out', '1 only the likeliest'],
    rare: true,
  },
  {
    name: 'seed',
    label: 'Seed',
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
    step: 1,
    unset: 'a new one each time',
    rest: null,
    explanation: 'The same seed with the same question and settings gives the same answer.',
    rare: true,
  },
];

/** A number in a setting's range, from what was typed; undefined when there is none. */
export function readNumber(text: string, { min, max, step }: SamplingSetting): number | undefined {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return undefined;
  const inRange = Math.min(max, Math.max(min, value));
  return Number.isInteger(step) ? Math.round(inRange) : inRange;
}
