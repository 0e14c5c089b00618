import { randomUUID } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';
import type { Kysely } from 'kysely';
import type { Config } from '../config.ts';
import type { Tables } from '../db/tables.ts';
import type { Logger } from '../log.ts';
import { newUserId } from '../members/people.ts';
import { admitUser, isExpected, recordSignIn } from './admission.ts';

/** What better-auth does for us: requests under /auth in, answers out. */
export interface Auth {
  handler(request: Request): Promise<Response>;
}

/** One that may have to ask an OpenID provider before it can answer anything. */
export interface ProviderAuth extends Auth {
  /** Settles when it has asked. */
  $context: Promise<unknown>;
}

/** Passwords have no rules but their length (NIST SP 800-63B, section 3.1.1.2). */
export const passwordLength = { least: 10, most: 128 };

/** How the one provider that can be configured is called in addresses. */
export const oidcProvider = 'oidc';
/** better-auth takes the client's address from a header; this one is set by us alone. */
export const clientAddressHeader = 'x-weai-client-address';

const sessionSeconds = 7 * 24 * 3600;
const created = { createdAt: 'created_at', updatedAt: 'updated_at' };

/** Name of the session cookie: browsers take one that begins with `__Secure-` over TLS only. */
export function sessionCookieName(publicUrl: string | null): string {
  return `${isSecure(publicUrl) ? '__Secure-' : ''}weai.session_token`;
}

/**
 * better-auth on our database and tables. Nobody signs up uninvited.
 * @param provider whether it asks the OpenID provider of the settings, which all of its answers then wait for.
 */
export function openAuth({
  kysely,
  config,
  secret,
  log,
  provider,
}: {
  kysely: Kysely<Tables>;
  config: Pick<Config, 'publicUrl' | 'oidcIssuer' | 'oidcClientId' | 'oidcClientSecret' | 'oidcName'>;
  secret: string;
  log: Logger;
  provider: boolean;
}): ProviderAuth {
  const { publicUrl } = config;
  return betterAuth({
    appName: 'WeAI',
    basePath: '/auth',
    baseURL: publicUrl ?? { allowedHosts: ['*'], protocol: 'http', fallback: 'http://localhost' },
    secret,
    database: { db: kysely, type: 'postgres', transaction: true },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: passwordLength.least,
      maxPasswordLength: passwordLength.most,
    },
    user: {
      modelName: 'users',
      fields: { emailVerified: 'email_verified', ...created },
      validateUserInfo: async ({ user, source }) => {
        if (source.action === 'sign-in') return;
        if (await isExpected(kysely, user)) return;
        return {
          error: 'not_invited',
          errorDescription: 'Ask an owner of the organization for an invitation.',
        };
      },
    },
    session: {
      modelName: 'sessions',
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...created,
      },
      expiresIn: sessionSeconds,
    },
    account: {
      modelName: 'accounts',
      fields: {
        userId: 'user_id',
        providerId: 'provider_id',
        accountId: 'account_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...created,
      },
      encryptOAuthTokens: true,
    },
    verification: { modelName: 'verifications', fields: { expiresAt: 'expires_at', ...created } },
    databaseHooks: {
      session: {
        create: {
          before: async ({ userId }) => admitUser(kysely, userId),
          after: async ({ userId }) => recordSignIn(kysely, userId),
        },
      },
    },
    // attempts.ts counts for all servers together, and for each email too.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'weai',
      useSecureCookies: isSecure(publicUrl),
      // routes.ts checks where a request comes from, also behind a proxy.
      disableCSRFCheck: true,
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      database: { generateId: ({ model }) => (model === 'user' ? newUserId() : `${model}-${randomUUID()}`) },
    },
    onAPIError: { errorURL: '/sign-in' },
    telemetry: { enabled: false },
    logger: { log: (level, message) => log[level]({ part: 'sign-in' }, message) },
    plugins: provider ? oidcPlugin(config) : [],
  });
}

function oidcPlugin({
  oidcIssuer,
  oidcClientId,
  oidcClientSecret,
  oidcName,
}: Pick<Config, 'oidcIssuer' | 'oidcClientId' | 'oidcClientSecret' | 'oidcName'>) {
  if (oidcIssuer === null || oidcClientId === null) return [];
  return [
    genericOAuth({
      config: [
        {
          providerId: oidcProvider,
          name: oidcName,
          discoveryUrl: `${oidcIssuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
          clientId: oidcClientId,
          ...(oidcClientSecret === null
            ? { tokenEndpointAuth: { method: 'none' } as const }
            : { clientSecret: oidcClientSecret }),
          scopes: ['openid', 'email', 'profile'],
          pkce: true,
          requireIdTokenVerification: true,
        },
      ],
    }),
  ];
}

function isSecure(publicUrl: string | null): boolean {
  return publicUrl?.startsWith('https:') ?? false;
}
