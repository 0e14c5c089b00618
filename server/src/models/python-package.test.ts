import { expect, test } from 'vitest';
import { pythonIndexUrl } from './python-package.ts';

test('the setting comes before pip', async () => {
  expect(await pythonIndexUrl('http://mirror/simple', 'no-such-python')).toBe('http://mirror/simple');
});

test('without pip the sentence says what to install', async () => {
  await expect(pythonIndexUrl(null, 'no-such-python')).rejects.toThrow(
    'Install Python 3 with pip (Debian: apt install python3-pip), or set WEAI_PYTHON_INDEX_URL.',
  );
});
