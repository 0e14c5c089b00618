/** A navigation may wait this long for the next page, and then ends what this one has open. */
const navigationMs = 10_000;

let beganAtMs = -Infinity;
const note = () => {
  beganAtMs = performance.now();
};
// Both: connections may be closed before `pagehide`, and `beforeunload` is not everywhere told.
addEventListener('beforeunload', note);
addEventListener('pagehide', note);

/** Whether the page is being closed, reloaded or left, so that a connection that breaks now means nothing else. */
export function pageIsLeaving(): boolean {
  return performance.now() - beganAtMs < navigationMs;
}
