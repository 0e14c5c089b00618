/** An address that a model's text may link to: absolute http(s), or mailto. Null for all else, `javascript:` and `data:` first. */
export function safeAddress(address: string): string | null {
  const parsed = URL.canParse(address) ? new URL(address) : null;
  return parsed !== null && ['http:', 'https:', 'mailto:'].includes(parsed.protocol) ? parsed.href : null;
}
