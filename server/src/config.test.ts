import { describe, expect, test } from 'vitest';
import { ConfigError, describeSettings, loadConfig, settings } from './config.ts';

describe('loadConfig', () => {
  test('gives every setting its default', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: null,
      standIn: true,
      drainTimeoutMs: 30_000,
      logLevel: 'info',
    });
    expect(Object.keys(loadConfig({}))).toEqual(Object.keys(settings));
  });

  test('takes an empty variable for one that is not set', () => {
    expect(loadConfig({ PORT: ' ', DATABASE_URL: '' })).toEqual(loadConfig({}));
  });

  test('turns the stand-in off with DATABASE_URL, unless it is asked for', () => {
    const DATABASE_URL = 'postgres://host/database';
    expect(loadConfig({ DATABASE_URL }).standIn).toBe(false);
    expect(loadConfig({ DATABASE_URL, WEAI_STAND_IN: 'on' }).standIn).toBe(true);
  });

  test.each([
    ['PORT', '65536', 'PORT must be at most 65535 (it is "65536").'],
    ['PORT', '80a', 'PORT must be a whole number (it is "80a").'],
    ['PORT', '-1', 'PORT must be a whole number (it is "-1").'],
    ['HOST', 'a b', 'HOST must be a host name or an IP address (it is "a b").'],
    ['WEAI_STAND_IN', 'yes', 'WEAI_STAND_IN must be on or off (it is "yes").'],
    ['WEAI_ENGINE_DEVICE', 'gpu', 'WEAI_ENGINE_DEVICE must be auto, cpu or cuda (it is "gpu").'],
    ['WEAI_ENGINE_THREADS', '0', 'WEAI_ENGINE_THREADS must be at least 1 (it is "0").'],
  ])('%s=%s ends in one sentence', (name, value, sentence) => {
    expect(() => loadConfig({ [name]: value })).toThrow(new ConfigError(sentence));
  });

  test.each(['DATABASE_URL', 'WEAI_BOOTSTRAP_API_KEY'])('a bad %s is never repeated', (name) => {
    expect(() => loadConfig({ [name]: 'hunter2!' })).toThrow(/^(?!.*hunter2)/);
  });
});

test('the help describes every setting within 80 columns', () => {
  const help = describeSettings();
  for (const { name } of Object.values(settings)) expect(help).toContain(name);
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});
