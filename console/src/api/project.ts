import { createSignal } from '../signal.ts';
import { readStored, writeStored } from '../stored.ts';

const shared = new URLSearchParams(location.search).get('project');

/** Id of the project that the console works in; null is the member's first one. A shared link names it in `?project=`. */
export const chosenProjectId = createSignal<string | null>(shared ?? readStored('project'));

chosenProjectId.subscribe(() => writeStored('project', chosenProjectId.get()));
