import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { bearerKey, isBySession } from '../http/authentication.ts';
import type { meSchema } from './me.ts';
import { capabilities } from './roles.ts';
import type { MemberGate } from './session-gate.ts';

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
