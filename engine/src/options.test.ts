import { describe, expect, test } from 'vitest';
import { engineUsage, parseCheckOptions, parseEngineOptions } from './options.ts';

const model = ['--model', '/weights/Tiny-1B.Q4.gguf'];

describe('parseEngineOptions', () => {
  test('needs weights only', () => {
    expect(parseEngineOptions(model)).toMatchObject({
      modelPath: '/weights/Tiny-1B.Q4.gguf',
      listen: { host: '127.0.0.1', port: 9000 },
      modelName: 'Tiny-1B.Q4',
      device: 'auto',
      gpuLayers: -1,
      threads: null,
      contextTokens: null,
      cacheBytes: null,
      maxRunning: null,
      maxWaiting: 256,
      exitWithParent: false,
    });
  });

  test('takes everything that is said', () => {
    const said =
      '--alias tiny --socket /run/tiny.sock --device cuda --threads 3 --gpu-layers 0 --context-tokens 4096 --memory-bytes 1048576' +
      ' --max-running 1 --max-waiting 0 --exit-with-parent';
    expect(parseEngineOptions([...model, ...said.split(' ')])).toEqual({
      modelPath: '/weights/Tiny-1B.Q4.gguf',
      listen: { path: '/run/tiny.sock' },
      modelName: 'tiny',
      device: 'cuda',
      threads: 3,
      gpuLayers: 0,
      contextTokens: 4096,
      cacheBytes: 1_048_576,
      maxRunning: 1,
      maxWaiting: 0,
      exitWithParent: true,
    });
  });

  test.each<[string, string[], string]>([
    ['no weights', [], '--model is missing'],
    ['an empty name of weights', ['--model', ''], '--model is missing'],
    ['a name without its value', ['--model'], '--model'],
    ['an unknown option', [...model, '--speed', '9'], '--speed'],
    ['a stray word', [...model, 'other.gguf'], 'other.gguf'],
    [
      'a port that is no number',
      [...model, '--port', 'http'],
      '--port must be a whole number from 0 to 65535, not http',
    ],
    ['a port that is none', [...model, '--port', '65536'], '--port must be'],
    [
      'a device that is none',
      [...model, '--device', 'gpu'],
      '--device must be one of auto, cpu, cuda, not gpu',
    ],
    ['half a thread', [...model, '--threads', '0.5'], '--threads must be'],
    ['no threads', [...model, '--threads', '0'], '--threads must be'],
    ['threads without end', [...model, '--threads', 'Infinity'], '--threads must be'],
    ['layers below -1', [...model, '--gpu-layers=-2'], '--gpu-layers must be'],
    ['a context of nothing', [...model, '--context-tokens', '0'], '--context-tokens must be'],
    ['memory with a unit', [...model, '--memory-bytes', '2GB'], '--memory-bytes must be'],
    ['more sequences than llama.cpp has', [...model, '--max-running', '257'], '--max-running must be'],
    ['a negative queue', [...model, '--max-waiting=-1'], '--max-waiting must be'],
    ['an empty number', [...model, '--port', ''], '--port must be'],
  ])('refuses %s', (_name, args, message) => {
    expect(() => parseEngineOptions(args)).toThrow(message);
  });

  test('its help names each option', () => {
    const named = [...engineUsage.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1]);
    expect(named).toHaveLength(13);
    for (const option of named) {
      const args = option === '--exit-with-parent' ? [option] : [`${option}=`];
      expect(() => parseEngineOptions([...args, '--no-such-option'])).toThrow('--no-such-option');
    }
  });
});

describe('parseCheckOptions', () => {
  test('needs no weights', () => {
    expect(parseCheckOptions(['--check-device'])).toEqual({ device: 'auto' });
    expect(parseCheckOptions(['--check-device', '--device', 'cpu'])).toEqual({ device: 'cpu' });
  });

  test.each([
    ['--device', 'gpu'],
    ['--port', '1'],
  ])('refuses %s %s', (...args) => {
    expect(() => parseCheckOptions(['--check-device', ...args])).toThrow(args[0]);
  });
});
