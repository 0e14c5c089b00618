import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { formatCount } from '../../answers/format.ts';
import { keysQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import { ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { formatExactTime } from '../../ui/time.tsx';
import { Content } from './content.tsx';
import { type LoggedRequestDetail, requestQuery } from './queries.ts';
import { RequestStatus, statusWords } from './status.tsx';
import { Waterfall } from './waterfall.tsx';

export interface RequestDrawerProps {
  id: string;
  nameOf: (id: string) => string;
  onClose: () => void;
}

/** A request: how it ended, where its time went, what it used and cost, and its content where that is kept. */
export function RequestDrawer({ id, nameOf, onClose }: RequestDrawerProps) {
  const request = useQuery(requestQuery(id));
  return (
    <Drawer
      open
      onClose={onClose}
      title={request.data?.model_requested ?? 'Request'}
      aside={request.data && <RequestStatus status={request.data.status} />}
      description={
        <span className="flex flex-wrap items-center gap-x-2">
          {request.data ? formatExactTime(request.data.started_at_ms / 1000) : id}
          <span className="hidden sm:inline pointer-coarse:hidden">
            <Kbd keys="J" /> <Kbd keys="K" /> next, previous
          </span>
        </span>
      }
    >
      {request.isPending && <SkeletonRows rows={8} />}
      {request.isLoadingError && <ErrorState error={request.error} onRetry={() => void request.refetch()} />}
      {request.data && <Detail request={request.data} nameOf={nameOf} />}
    </Drawer>
  );
}

function Detail({ request, nameOf }: { request: LoggedRequestDetail } & Pick<RequestDrawerProps, 'nameOf'>) {
  const { usage, cost } = request;
  const { can } = useMe();
  const keys = useQuery({
    ...keysQuery(request.project_id, { revoked: true }),
    enabled: can['api_keys.read'] === true,
  });
  const revokedAt = keys.data?.find(({ id }) => id === request.api_key_id)?.revoked_at ?? null;
  return (
    <div className="flex flex-col gap-6">
      <p className="text-sm text-muted">
        {statusWords[request.status].meaning}
        {request.error_code !== null && (
          <>
            {' '}
            Error: <code className="font-mono text-xs text-danger">{request.error_code}</code>
          </>
        )}
      </p>
      <Section title="Time">
        <Waterfall timing={request.timing} />
      </Section>
      <Section title="Tokens and cost">
        <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-flow-col sm:grid-cols-2 sm:grid-rows-3">
          <Figure label="Input">{formatCount(usage.prompt_tokens)}</Figure>
          <Figure label="Cached input">{formatCount(usage.cached_tokens)}</Figure>
          <Figure label="Output">{formatCount(usage.completion_tokens)}</Figure>
          <Figure label="Price">${cost.tokens_usd}</Figure>
          <Figure label="Measured cost">${cost.machine_usd}</Figure>
          <Figure label="Engine time">{cost.engine_seconds.toFixed(2)} s</Figure>
        </dl>
      </Section>
      <Section title="Content">
        <Content request={request} />
      </Section>
      <Section title="Where">
        <dl className="flex flex-col gap-1 text-xs">
          <Place label="Project">{nameOf(request.project_id)}</Place>
          <Place label="Key">
            {request.api_key_name ?? nameOf(request.api_key_id)}
            {revokedAt !== null && (
              <>
                {' '}
                <Badge tone="warning">Revoked</Badge>
              </>
            )}
          </Place>
          <Place label="Answered by">{request.model}</Place>
          {request.deployment_id !== null && <Place label="Deployment">{request.deployment_id}</Place>}
          {request.failed_attempts.map(({ deployment_id: deployment, code }) => (
            <Place key={deployment} label="Failed before">
              {deployment}: {code}
            </Place>
          ))}
          {request.finish_reason !== null && <Place label="Finish reason">{request.finish_reason}</Place>}
          <Place label="Id" copy={request.id}>
            {request.id}
          </Place>
          <Place label="x-request-id" copy={request.request_id}>
            {request.request_id}
          </Place>
        </dl>
      </Section>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2.5">
      <h3 className="text-sm font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex justify-between gap-3">
      <dt className="text-muted">{label}</dt>
      <dd className="tabular">{children}</dd>
    </div>
  );
}

function Place({ label, copy, children }: { label: string; copy?: string; children: ReactNode }) {
  return (
    <div className="grid min-h-6 grid-cols-[6.5rem_1fr] items-center gap-3">
      <dt className="text-muted">{label}</dt>
      <dd className="flex min-w-0 items-center gap-1">
        <span className="min-w-0 wrap-anywhere">{children}</span>
        {copy !== undefined && <CopyButton text={copy} label={`Copy ${label}`} />}
      </dd>
    </div>
  );
}
