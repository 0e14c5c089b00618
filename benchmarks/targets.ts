import { figure, type Table } from './table.ts';

/** One figure that the project has promised, and what this run measured. */
export interface TargetCheck {
  name: string;
  /** `atLeast` or `atMost` this value. */
  bound: 'atLeast' | 'atMost';
  target: number;
  /** NaN when its peer is not installed. */
  measured: number;
  unit: string;
}

/** NaN counts as not measured, never as reached. */
export function verdict(check: TargetCheck): 'reached' | 'not reached' | 'not measured' {
  if (!Number.isFinite(check.measured)) return 'not measured';
  const reached = check.bound === 'atLeast' ? check.measured >= check.target : check.measured <= check.target;
  return reached ? 'reached' : 'not reached';
}

/** The summary at the end of a run. */
export function targetTable(checks: readonly TargetCheck[]): Table {
  return {
    title: 'Targets',
    columns: ['', 'target', 'measured', ''],
    rows: checks.map((check) => [
      check.name,
      `${check.bound === 'atLeast' ? '≥' : '≤'} ${figure(check.target)}${check.unit}`,
      `${figure(check.measured)}${check.unit}`,
      verdict(check),
    ]),
  };
}
