import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { cx } from './class-names.ts';
import { OfflineIcon, WarningIcon } from './icons.tsx';

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** What would be here, and how it gets here. */
  children?: ReactNode;
  /** The one thing to do next. */
  action?: ReactNode;
  /** Nothing else is on the page: the title is its heading. */
  whole?: boolean;
}

/** There is nothing yet: says what to do about it. */
export function EmptyState({ icon, title, children, action, whole = false }: EmptyStateProps) {
  const Heading = whole ? 'h1' : 'h2';
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      {icon !== undefined && <div className="mb-1 text-muted">{icon}</div>}
      <Heading className="text-base font-semibold tracking-tight">{title}</Heading>
      {children !== undefined && <div className="max-w-md text-sm text-muted">{children}</div>}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  /** What failed; its message is shown. */
  error: unknown;
  onRetry?: () => void;
  /** Inside something smaller than a page. */
  compact?: boolean;
}

/** Something could not be read: says why, what to quote when reporting it, and tries again. */
export function ErrorState({ error, onRetry, compact = false }: ErrorStateProps) {
  const message = error instanceof Error ? error.message : 'Something went wrong.';
  const requestId =
    error instanceof Error && 'requestId' in error && typeof error.requestId === 'string'
      ? error.requestId
      : null;
  return (
    <div
      role="alert"
      className={cx('flex flex-col items-center gap-2 text-center', compact ? 'px-3 py-4' : 'px-6 py-14')}
    >
      {error instanceof Error && error.name === 'Unreachable' ? (
        <OfflineIcon className="size-5 text-muted" />
      ) : (
        <WarningIcon className="size-5 text-danger" />
      )}
      <p className="max-w-md text-sm">{message}</p>
      {requestId !== null && (
        <p className="text-xs text-muted">
          Request <code className="font-mono">{requestId}</code>
        </p>
      )}
      {onRetry && (
        <Button size="small" onClick={onRetry} className="mt-1">
          Try again
        </Button>
      )}
    </div>
  );
}

/** Where something will be, in its size; nothing moves when it comes. */
export function Skeleton({ className }: { className?: string }) {
  return <div className={cx('animate-pulse rounded-md bg-hover', className)} aria-hidden="true" />;
}

/** Lines of a list or table that is on its way. */
export function SkeletonRows({ rows = 5 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-2">
      {Array.from({ length: rows }, (_row, index) => (
        <Skeleton key={index} className="h-9" />
      ))}
    </div>
  );
}
