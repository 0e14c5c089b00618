import { expect } from 'vitest';
import { test } from './platform/browser.ts';
import { messageField } from './platform/playground.ts';

const kilobyte = 1000;

test('opening the playground, the first page, loads under 150 kB of script on the wire', async ({
  owner: page,
  context,
}) => {
  const network = await context.newCDPSession(page);
  const scripts = new Map<string, string>();
  let bytes = 0;
  network.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type === 'Script') scripts.set(requestId, response.url);
  });
  // With its headers, compressed as it was sent.
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await network.send('Network.enable');
  await page.goto('/playground');
  await messageField(page).waitFor();
  await page.waitForLoadState('networkidle');
  console.log(`the first page loads ${Math.round(bytes / kilobyte)} kB of script in ${scripts.size} files`);
  // It is the page: its own script is there, and those are all.
  expect([...scripts.values()].some((url) => /\/playground-[\w-]+\.js$/.test(url))).toBe(true);
  expect(scripts.size).toBeLessThan(8);
  expect(bytes).toBeGreaterThan(50 * kilobyte);
  expect(bytes).toBeLessThan(150 * kilobyte);
});
