import { z } from 'zod';
import type { DocumentKind } from './kinds.ts';
import { settingsSchema, settingsTexts } from './settings.ts';

const content = z.strictObject({
  description: z.string().max(2000).nullable(),
  settings: settingsSchema,
});

/** Presets: settings to begin with. */
export const presets: DocumentKind<z.output<typeof content>> = {
  kind: 'preset',
  plural: 'presets',
  untitled: 'New preset',
  content,
  summary: z.object({ description: z.string().nullable(), model: z.string().nullable() }),
  empty: { description: null, settings: {} },
  check: () => undefined,
  summarize: ({ description, settings }) => ({ description, model: settings.model ?? null }),
  texts: ({ description, settings }) => [description ?? '', ...settingsTexts(settings)],
};
