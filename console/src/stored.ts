/** What this browser remembers under `weai.<name>`; null where there is nothing or storage is forbidden. */
export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(`weai.${name}`);
  } catch {
    return null;
  }
}

/** Remembers a text, or forgets it with null. Quietly does nothing where storage is forbidden or full: nothing depends on it. */
export function writeStored(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`weai.${name}`);
    else localStorage.setItem(`weai.${name}`, value);
  } catch {
    // See above.
  }
}
