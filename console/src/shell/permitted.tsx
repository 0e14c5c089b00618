import type { ReactNode } from 'react';
import { useMe } from '../api/session.ts';
import { AuditIcon } from '../ui/icons.tsx';
import { EmptyState } from '../ui/states.tsx';

export interface PermittedProps {
  /** Actions of `GET /v1/me`, of which one is enough. */
  needs: string[];
  /** What is not shown: "the keys". */
  what: string;
  children: ReactNode;
}

/** What a member's role lets them see, else why they don't see it: an address can be typed or shared. */
export function Permitted({ needs, what, children }: PermittedProps) {
  const { can, organization } = useMe();
  if (needs.some((action) => can[action] === true)) return children;
  return (
    <EmptyState whole icon={<AuditIcon className="size-6" />} title={`Your role doesn’t show ${what}`}>
      You are {/^[aeiou]/.test(organization.role) ? 'an' : 'a'} {organization.role} of {organization.name}. An
      owner can give you another role under Members.
    </EmptyState>
  );
}
