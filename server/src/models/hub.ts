import type { WeightsSource } from './catalogue.ts';
import { AccessError } from './download-errors.ts';

type HubSource = Extract<WeightsSource, { kind: 'hub' }>;

/** Address of a file in a repository at a fixed revision. */
export function hubFileUrl(hubUrl: string, { repository, revision, file }: HubSource): string {
  const path = [...repository.split('/'), 'resolve', revision, ...file.split('/')];
  return `${hubUrl.replace(/\/+$/, '')}/${path.map(encodeURIComponent).join('/')}`;
}

/** What to do when the hub refuses: the repository is gated, private or gone, or the token is not valid. */
export function hubAccessError(
  hubUrl: string,
  source: HubSource,
  hasToken: boolean,
  cause: unknown,
): AccessError {
  const page = `${hubUrl.replace(/\/+$/, '')}/${source.repository}`;
  const message = hasToken
    ? `The hub refuses ${source.repository} for the token in HF_TOKEN. Open ${page} with that account, accept the licence there if it asks for it, and check that the token may read it.`
    : `The hub gives ${source.repository} only to signed-in users. Open ${page}, accept the licence, create a token in the account's settings, and start it again with HF_TOKEN set to it.`;
  return new AccessError(message, { cause });
}
