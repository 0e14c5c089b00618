import type { ReactNode } from 'react';
import { formatCount, formatDuration, formatRate, formatUsd } from '../../answers/format.ts';

export interface FiguresLineProps {
  timeToFirstTokenMs: number | null | undefined;
  tokensPerSecond: number | null | undefined;
  promptTokens: number | null | undefined;
  completionTokens: number | null | undefined;
  costUsd: number | null | undefined;
}

/** How an answer came about, in one line of digits of one width; its place is there before its figures. */
export function FiguresLine(figures: FiguresLineProps) {
  const { timeToFirstTokenMs, tokensPerSecond, promptTokens, completionTokens, costUsd } = figures;
  return (
    <dl className="flex min-h-5 flex-wrap items-center gap-x-4 text-xs text-muted tabular">
      {timeToFirstTokenMs != null && <Figure name="First token">{formatDuration(timeToFirstTokenMs)}</Figure>}
      {tokensPerSecond != null && <Figure name="Speed">{formatRate(tokensPerSecond)} tok/s</Figure>}
      {completionTokens != null && (
        <Figure name="Tokens">
          {promptTokens == null ? '' : `${formatCount(promptTokens)} in, `}
          {formatCount(completionTokens)} out
        </Figure>
      )}
      {costUsd != null && <Figure name="Cost">{formatUsd(costUsd)}</Figure>}
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-1.5">
      <dt>{name}</dt>
      <dd className="text-ink">{children}</dd>
    </div>
  );
}
