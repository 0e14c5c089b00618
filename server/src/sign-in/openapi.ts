import { z } from 'zod';
import { meSchema } from '../members/me.ts';
import {
  acceptInviteBody,
  changePasswordBody,
  inviteLinkBody,
  methodsSchema,
  openInviteSchema,
  providerBody,
  providerSchema,
  sessionSchema,
  signedInSchema,
  signInBody,
  streamTicketSchema,
  welcomeBody,
} from './routes.ts';

interface Operation {
  operationId: string;
  summary: string;
  body?: z.ZodType;
  answer: z.ZodType;
  /** Whether it is open to all. */
  open?: boolean;
}

const operations: Record<string, { get?: Operation; post?: Operation }> = {
  '/v1/me': {
    get: { operationId: 'getMe', summary: 'Who is signed in, and what they may do', answer: meSchema },
  },
  '/auth/methods': {
    get: {
      operationId: 'listSignInMethods',
      summary: 'How people may sign in here',
      answer: methodsSchema,
      open: true,
    },
  },
  '/auth/welcome': {
    post: {
      operationId: 'welcomeOwner',
      summary: 'Make the first owner, with the one-time link of the banner, and sign in',
      body: welcomeBody,
      answer: signedInSchema,
      open: true,
    },
  },
  '/auth/invite': {
    post: {
      operationId: 'readInvite',
      summary: 'Who is invited and as what, by the token of the one-time link; the link stays unused',
      body: inviteLinkBody,
      answer: openInviteSchema,
      open: true,
    },
  },
  '/auth/accept-invite': {
    post: {
      operationId: 'acceptInvite',
      summary: 'Become a member, with the one-time link of an invitation, and sign in',
      body: acceptInviteBody,
      answer: signedInSchema,
      open: true,
    },
  },
  '/auth/sign-in/email': {
    post: {
      operationId: 'signIn',
      summary: 'Sign in with email and password',
      body: signInBody,
      answer: signedInSchema,
      open: true,
    },
  },
  '/auth/sign-in/social': {
    post: {
      operationId: 'startProviderSignIn',
      summary: 'Where to send the browser to sign in with the OpenID provider',
      body: providerBody,
      answer: providerSchema,
      open: true,
    },
  },
  '/auth/change-password': {
    post: {
      operationId: 'changePassword',
      summary: 'Change the password of who is signed in; their other sessions end',
      body: changePasswordBody,
      answer: signedInSchema,
    },
  },
  '/auth/sign-out': {
    post: {
      operationId: 'signOut',
      summary: 'End the session',
      answer: z.object({ success: z.literal(true) }),
    },
  },
  '/auth/stream-ticket': {
    post: {
      operationId: 'createStreamTicket',
      summary:
        'A short-lived stand-in for the session cookie, for asking models: a browser opens connections of their own for requests without cookies',
      answer: streamTicketSchema,
    },
  },
  '/auth/get-session': {
    get: {
      operationId: 'getSession',
      summary: 'Who is signed in, or null',
      answer: sessionSchema,
      open: true,
    },
  },
};

/**
 * The paths of sign-in, for the API's description.
 * @param failure the answer that every operation may give. @param toJson a schema as JSON Schema.
 */
export function signInPaths(
  failure: object,
  toJson: (schema: z.ZodType, io: 'input' | 'output') => object,
): object {
  const json = (schema: object) => ({ 'application/json': { schema } });
  const describe = ({ body, answer, open, ...operation }: Operation) => ({
    ...operation,
    security: open === true ? [] : [{ session: [] }],
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(toJson(body, 'input')) } }),
    responses: {
      200: { description: operation.summary, content: json(toJson(answer, 'output')) },
      ...failure,
    },
  });
  return Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, describe(operation)])),
    ]),
  );
}
