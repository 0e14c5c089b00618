import type { Limit, LimitChange } from '../api/organization.ts';

/** The fields of the form, as typed; empty where nothing is limited. */
export interface LimitDraft {
  requests_per_minute: string;
  tokens_per_minute: string;
  concurrent_requests: string;
  usd_per_day: string;
  usd_per_month: string;
  /** Null for all. */
  allowed_models: string[] | null;
}

export const emptyDraft: LimitDraft = {
  requests_per_minute: '',
  tokens_per_minute: '',
  concurrent_requests: '',
  usd_per_day: '',
  usd_per_month: '',
  allowed_models: null,
};

/** A subject's limits as the form shows them. */
export function draftOf(limit: Limit): LimitDraft {
  const text = (value: number | string | null) => (value === null ? '' : String(value));
  return {
    requests_per_minute: text(limit.requests_per_minute),
    tokens_per_minute: text(limit.tokens_per_minute),
    concurrent_requests: text(limit.concurrent_requests),
    usd_per_day: text(limit.usd_per_day),
    usd_per_month: text(limit.usd_per_month),
    allowed_models: limit.allowed_models,
  };
}

/** What the form asks the server for; only the server says what is wrong with it. */
export function changeOf(draft: LimitDraft): LimitChange {
  const count = (text: string) => (text.trim() === '' ? null : Number(text.replaceAll(/[\s,]/g, '')));
  const dollars = (text: string) => (text.trim() === '' ? null : text.trim().replace(/^\$/, ''));
  return {
    requests_per_minute: count(draft.requests_per_minute),
    tokens_per_minute: count(draft.tokens_per_minute),
    concurrent_requests: count(draft.concurrent_requests),
    usd_per_day: dollars(draft.usd_per_day),
    usd_per_month: dollars(draft.usd_per_month),
    allowed_models: draft.allowed_models,
  };
}

/** Whether anything is limited. */
export function limitsAnything(draft: LimitDraft): boolean {
  return Object.values(draft).some((value) => value !== null && value !== '');
}
