import { z } from 'zod';
import { type Action, permissions, roles } from './roles.ts';

const actions = Object.keys(permissions) as Action[];

/** What /v1/me answers. */
export const meSchema = z.object({
  object: z.literal('me'),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  organization: z.object({ id: z.string(), name: z.string(), role: z.enum(roles) }),
  projects: z
    .array(z.object({ id: z.string(), name: z.string(), role: z.enum(['owner', 'member']) }))
    .describe('Those that may be named in the header OpenAI-Project; without it, the first counts'),
  can: z
    .object(
      Object.fromEntries(actions.map((action) => [action, z.boolean()])) as Record<Action, z.ZodBoolean>,
    )
    .describe('What the role allows, in some project at least'),
});
