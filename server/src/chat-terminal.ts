import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { APIConnectionError, APIError, APIUserAbortError, OpenAI } from 'openai';
import { loadConfig, readSecret } from './config.ts';
import { firstKeyFile } from './keys/keys.ts';
import { localAddress } from './server-address.ts';

export interface ChatOptions {
  model: string;
  url?: string;
  system?: string;
}

/** A chat in the terminal, through the API of a running server. Ctrl-C ends an answer, Ctrl-D the chat. */
export async function chatInTerminal({ model, url, system }: ChatOptions): Promise<void> {
  const config = loadConfig();
  const baseURL = url ?? readSecret('WEAI_BASE_URL') ?? `${await localAddress(config)}/v1`;
  const fromFile = await readFile(firstKeyFile(config.dataDir), 'utf8').catch(() => '');
  const apiKey = readSecret('WEAI_API_KEY') ?? fromFile.trim();
  if (apiKey === '') {
    console.error('No key: set WEAI_API_KEY, or start the server once on this machine.');
    process.exitCode = 1;
    return;
  }
  const client = new OpenAI({ apiKey, baseURL, organization: null, project: null });
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const messages: OpenAI.ChatCompletionMessageParam[] =
    system === undefined ? [] : [{ role: 'system', content: system }];
  let answering: AbortController | null = null;
  terminal.on('SIGINT', () => (answering === null ? terminal.close() : answering.abort()));

  let open = true;
  terminal.once('close', () => {
    open = false;
  });
  terminal.setPrompt('› ');
  terminal.prompt();
  for await (const line of terminal) {
    if (line.trim() !== '') {
      messages.push({ role: 'user', content: line });
      answering = new AbortController();
      const answer = await printAnswer(client, { model, messages }, answering.signal);
      answering = null;
      // What failed before its first word is not part of the conversation.
      if (answer === '') messages.pop();
      else messages.push({ role: 'assistant', content: answer });
    }
    if (open) terminal.prompt();
  }
  process.stdout.write('\n');
}

/** Prints an answer as it arrives. Returns its text, as far as it came. */
async function printAnswer(
  client: OpenAI,
  request: { model: string; messages: OpenAI.ChatCompletionMessageParam[] },
  signal: AbortSignal,
): Promise<string> {
  let text = '';
  let answeredBy = '';
  try {
    const stream = await client.chat.completions.create({ ...request, stream: true }, { signal });
    for await (const chunk of stream) {
      answeredBy = chunk.model;
      const piece = chunk.choices[0]?.delta.content ?? '';
      text += piece;
      process.stdout.write(piece);
    }
  } catch (error) {
    if (error instanceof APIUserAbortError) process.stdout.write(' …');
    else if (error instanceof APIError) {
      console.error(
        error instanceof APIConnectionError
          ? `There is no server at ${client.baseURL}. Start it with: weai start`
          : error.message,
      );
      // A person sees it and goes on; a script has nothing but the status.
      if (!process.stdin.isTTY) process.exitCode = 1;
    } else throw error;
  }
  process.stdout.write(
    answeredBy === request.model || answeredBy === '' ? '\n' : `\n(${answeredBy} answered)\n`,
  );
  return text;
}
