import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { bearerKey, isBySession } from '../http/authentication.ts';
import { type Action, capabilities, permissions, roles } from './roles.ts';
import type { MemberGate } from './session-gate.ts';

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

/** /v1/me: who is signed in, where, and what the role allows. */
export function memberRoutes(app: FastifyInstance, { sessions }: { sessions: MemberGate }): void {
  app.get('/v1/me', async (request, reply) => {
    if (!isBySession(request, sessions)) {
      bearerKey(request);
      throw new ApiError(
        'insufficient_permissions',
        'A key is nobody: this describes a person who is signed in.',
      );
    }
    const { member } = await sessions.session(request);
    void reply.header('cache-control', 'no-store');
    const me: z.output<typeof meSchema> = {
      object: 'me',
      user: { id: member.userId, name: member.name, email: member.email },
      organization: { id: member.organizationId, name: member.organizationName, role: member.role },
      projects: [...member.projects],
      can: capabilities(member.role),
    };
    return me;
  });
}
