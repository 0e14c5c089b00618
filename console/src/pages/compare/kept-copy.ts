import { chosenProjectId } from '../../api/project.ts';
import type { Draft, Result } from './comparison.ts';

/** What a tab keeps of the open comparison when the page goes away, so that a reload loses nothing that was shown. */
export interface KeptComparison {
  projectId: string | null;
  draft: Draft;
  result: Result | null;
}

const key = 'weai.comparison';

/** Without storage, or when it is full, a reload goes back to what was saved. */
export function keepCopy(copy: KeptComparison): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(copy));
  } catch {
    // See above.
  }
}

/** Forgets the copy. */
export function dropCopy(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Then there is none.
  }
}

/** The copy of the comparison of an id, null being the one that isn't saved. Null when another is kept, or none. */
export function readCopy(id: string | null): KeptComparison | null {
  try {
    const text = sessionStorage.getItem(key);
    if (text === null) return null;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this tab wrote it
    const copy = JSON.parse(text) as KeptComparison;
    return copy.projectId === chosenProjectId.get() && (copy.result?.id ?? null) === id ? copy : null;
  } catch {
    return null;
  }
}
