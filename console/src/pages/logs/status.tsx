import { Badge } from '../../ui/badge.tsx';
import type { Status } from './search.ts';

/** What a status is called, and what it means. */
export const statusWords: Record<
  Status,
  { label: string; meaning: string; tone: 'success' | 'neutral' | 'warning' | 'danger' }
> = {
  completed: { label: 'Completed', meaning: 'The model came to an end.', tone: 'success' },
  length: {
    label: 'Cut short',
    meaning: 'The answer reached the limit of tokens, or the end of the context.',
    tone: 'neutral',
  },
  cancelled: {
    label: 'Cancelled',
    meaning: 'The client went away, or its key or session ended. What was generated until then is counted.',
    tone: 'warning',
  },
  interrupted: {
    label: 'Interrupted',
    meaning: 'The server or the engine ended in the middle of it.',
    tone: 'danger',
  },
  failed: { label: 'Failed', meaning: 'The engine gave an error.', tone: 'danger' },
};

export function RequestStatus({ status }: { status: Status }) {
  const { label, tone } = statusWords[status];
  return <Badge tone={tone}>{label}</Badge>;
}
