/** How far a transfer is. `totalBytes` is null while nobody said it. */
export interface Progress {
  bytes: number;
  totalBytes: number | null;
  bytesPerSecond: number;
}

export type ProgressListener = (progress: Progress) => void;

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `98362432` → `98.4 MB`, in powers of 1000 as disks and hubs count. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `75` seconds → `1m 15s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}

/** One line of text for a transfer: percentage, amounts, speed and the time that is left. */
export function formatProgress({ bytes, totalBytes, bytesPerSecond }: Progress): string {
  const speed = `${formatBytes(bytesPerSecond)}/s`;
  if (totalBytes === null || totalBytes === 0) return `${formatBytes(bytes)}  ${speed}`;
  const percent = Math.floor((bytes / totalBytes) * 100);
  const left = bytesPerSecond > 0 ? `  ${formatDuration((totalBytes - bytes) / bytesPerSecond)} left` : '';
  return `${percent}%  ${formatBytes(bytes)} of ${formatBytes(totalBytes)}  ${speed}${bytes < totalBytes ? left : ''}`;
}

/** Speed over the last five seconds, so that a stall shows and a resumed start doesn't count. */
export class SpeedMeter {
  readonly #samples: { timeMs: number; bytes: number }[] = [];

  /** Takes the bytes so far at that time and returns bytes per second. */
  measure(bytes: number, timeMs: number): number {
    const last = this.#samples.at(-1);
    if (last === undefined || timeMs - last.timeMs >= 100) this.#samples.push({ timeMs, bytes });
    while (this.#samples.length > 2 && timeMs - (this.#samples[0]?.timeMs ?? timeMs) > 5000) {
      this.#samples.shift();
    }
    const first = this.#samples[0];
    if (first === undefined || timeMs <= first.timeMs) return 0;
    return Math.max(0, Math.round(((bytes - first.bytes) * 1000) / (timeMs - first.timeMs)));
  }
}

interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Draws a bar in place on a terminal; elsewhere (a log, CI) writes a line every few seconds. */
export class ProgressPrinter {
  readonly #label: string;
  readonly #output: Output;
  readonly #now: () => number;
  #printedAtMs = Number.NEGATIVE_INFINITY;
  #last: Progress | null = null;
  #lastIsPrinted = false;

  constructor(label: string, output: Output = process.stderr, now: () => number = () => performance.now()) {
    this.#label = label;
    this.#output = output;
    this.#now = now;
  }

  update(progress: Progress): void {
    this.#last = progress;
    this.#lastIsPrinted = false;
    const nowMs = this.#now();
    if (nowMs - this.#printedAtMs < (this.#output.isTTY ? 100 : 5000)) return;
    this.#printedAtMs = nowMs;
    this.#print(progress);
  }

  /** Prints the last state; leaves the terminal on a fresh line. */
  finish(): void {
    if (this.#last === null) return;
    if (!this.#lastIsPrinted) this.#print(this.#last);
    if (this.#output.isTTY) this.#output.write('\n');
    this.#last = null;
  }

  #print(progress: Progress): void {
    this.#lastIsPrinted = true;
    const text = formatProgress(progress);
    if (!this.#output.isTTY) {
      this.#output.write(`${this.#label}: ${text}\n`);
      return;
    }
    const columns = this.#output.columns ?? 80;
    const barWidth = Math.min(30, columns - this.#label.length - text.length - 6);
    const done = progress.totalBytes ? Math.round((progress.bytes / progress.totalBytes) * barWidth) : 0;
    const bar = barWidth >= 8 ? `[${'#'.repeat(done)}${'.'.repeat(barWidth - done)}] ` : '';
    this.#output.write(`\r\u001B[2K${`${this.#label} ${bar}${text}`.slice(0, columns - 1)}`);
  }
}
