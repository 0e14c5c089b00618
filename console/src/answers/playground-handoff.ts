import type { components } from '../api/openapi.ts';

type Settings = components['schemas']['PlaygroundSettings'];

/** Settings to go on with in the playground, beside the model that its address names; null when there are none. */
let handed: Settings | null = null;

/** Called as a link to `/playground?model=…` is followed; opened in another tab the link has the model alone. */
export function handOver(settings: Settings): void {
  handed = settings;
}

/** Takes what was handed over, once, where it is of this model. */
export function takeHanded(model: string): Settings {
  const settings = handed;
  handed = null;
  return settings?.model === model ? settings : { model };
}
