import { mkdtempSync, rmSync, symlinkSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { libraryDirectory, loadLlama } from './library.ts';
import { checkDefaults, knownContextDefaults, knownModelDefaults } from './structures.ts';

describe('checkDefaults', () => {
  const llama = loadLlama();
  const cases: [string, object, object][] = [
    ['llama_model_params', llama.modelDefaults(), knownModelDefaults],
    ['llama_context_params', llama.contextDefaults(), knownContextDefaults],
  ];

  test.each(cases)('accepts the pinned %s', (name, actual, known) => {
    expect(() => checkDefaults(name, actual, known)).not.toThrow();
  });

  test.each(cases)('refuses each field of %s that has moved', (name, actual, known) => {
    const fields = Object.keys(known);
    expect(fields.length).toBeGreaterThanOrEqual(10);
    for (const field of fields) {
      const value: unknown = Reflect.get(actual, field);
      const other = typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : 1n;
      expect(() => checkDefaults(name, { ...actual, [field]: other }, known)).toThrow(
        `llama.cpp's ${name} does not match: ${field} is ${other}, expected `,
      );
    }
  });

  test('refuses a field that is missing, and a number that became an address', () => {
    const { n_ctx: _, ...missing } = llama.contextDefaults();
    expect(() => checkDefaults('it', missing, knownContextDefaults)).toThrow(
      'n_ctx is undefined, expected 512',
    );
    const address: object = { ...llama.contextDefaults(), n_ctx: 512n };
    expect(() => checkDefaults('it', address, knownContextDefaults)).toThrow('n_ctx is 512, expected 512');
  });
});

describe('loadLlama', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'weai-libraries-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  }

  test('refuses a folder without libraries', () => {
    expect(() => loadLlama(folder())).toThrow("llama.cpp's libraries are incomplete: ^libggml-base");
  });

  test('refuses libraries of another version', () => {
    const path = folder();
    for (const file of readdirSync(libraryDirectory())) {
      symlinkSync(join(libraryDirectory(), file), join(path, file.replaceAll('v0.5.0', 'v9.9.9')));
    }
    writeFileSync(join(path, 'note'), '');
    expect(() => loadLlama(path)).toThrow('are not version v0.5.0');
  });
});
