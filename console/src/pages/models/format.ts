import type { OrganizationModel } from '../../api/organization.ts';

/** What each kind of engine is called. */
export const engineNames: Record<OrganizationModel['deployments'][number]['kind'], string> = {
  embedded: 'the embedded engine',
  'llama-server': 'llama-server',
  vllm: 'vLLM',
  sglang: 'SGLang',
  ollama: 'Ollama',
  openai: 'an OpenAI-compatible engine',
};

/** "4.9 GB", "98 MB": as disks and downloads are counted. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(value < 10 && power > 0 ? 1 : 0)} ${units[power]}`;
}

/** "8.0B", "135M". */
export function formatParameters(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)}B` : `${Math.round(count / 1e6)}M`;
}

/** "128K" for 131,072 tokens. */
export function formatContext(tokens: number): string {
  return tokens >= 1024 ? `${Math.round(tokens / 1024)}K` : String(tokens);
}

/** "2 min", "1 h 5 min". */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A price for a million tokens: "$0.10". */
export function formatPrice(usd: string): string {
  const [, fraction = ''] = usd.split('.');
  return `$${fraction.length <= 2 ? Number(usd).toFixed(2) : usd}`;
}
