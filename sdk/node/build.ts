import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const packageDirectory = import.meta.dirname;
const typescript = createRequire(import.meta.url).resolve('typescript/package.json');

// `require('weai')` is the class itself, as with `require('openai')`; TypeScript alone would only give `.default`.
const commonJsEntry = `"use strict";
const exported = require("./index.js");
module.exports = Object.assign(exported.WeAI, exported);
Object.defineProperty(module.exports, "__esModule", { value: true });
`;

function compile(project: string): void {
  execFileSync(process.execPath, [path.join(path.dirname(typescript), 'bin/tsc'), '-p', project], {
    cwd: packageDirectory,
    stdio: 'inherit',
  });
}

rmSync(path.join(packageDirectory, 'dist'), { recursive: true, force: true });
compile('tsconfig.json');
compile('tsconfig.cjs.json');
mkdirSync(path.join(packageDirectory, 'dist/cjs'), { recursive: true });
writeFileSync(path.join(packageDirectory, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
writeFileSync(path.join(packageDirectory, 'dist/cjs/require.js'), commonJsEntry);
