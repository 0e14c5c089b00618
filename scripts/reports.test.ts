import { expect, test } from 'vitest';
import { readJunit } from './reports.ts';

// As pytest 8 writes them, shortened: a plain test, an assertion, a fixture that fails, a file that can't be imported.
const report = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="2" failures="1" skipped="1" tests="5" time="0.5">
<testcase classname="tests.test_client" name="test_a" time="0.001" />
<testcase classname="tests.test_client" name="test_b[&quot;x&quot;]" time="0.001"><failure message="AssertionError: assert 1 &lt; 0&#10; +  where 1 = len('a')">def test_b():
&gt;       assert len('a') &lt; 0</failure></testcase>
<testcase classname="tests.test_client" name="test_c" time="0.001"><skipped type="pytest.skip" message="not here">x.py:3</skipped></testcase>
<testcase classname="tests.test_client" name="test_d" time="0.001"><error message="failed on setup with &quot;OSError&quot;">E OSError</error></testcase>
<testcase classname="" name="tests.test_broken" time="0.000"><error message="collection failure">ImportError while importing</error></testcase>
</testsuite></testsuites>`;

test('readJunit tells failures and errors with their messages', () => {
  expect(readJunit(report)).toEqual({
    passed: 1,
    skipped: 1,
    failures: [
      {
        file: 'tests.test_client',
        name: 'test_b["x"]',
        message:
          "AssertionError: assert 1 < 0\n +  where 1 = len('a')\ndef test_b():\n>       assert len('a') < 0",
      },
      { file: 'tests.test_client', name: 'test_d', message: 'failed on setup with "OSError"\nE OSError' },
      { file: '', name: 'tests.test_broken', message: 'collection failure\nImportError while importing' },
    ],
    retried: [],
  });
});
