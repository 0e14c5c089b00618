/** Programs that ask a model with a new key, as they run when pasted. */
export function keySamples(key: string, model: string): { curl: string; python: string; node: string } {
  const url = `${location.origin}/v1`;
  const message = 'Say hello in one sentence.';
  return {
    curl: `curl ${url}/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '${JSON.stringify({ model, messages: [{ role: 'user', content: message }] })}'`,
    python: `# pip install openai
from openai import OpenAI

client = OpenAI(base_url="${url}", api_key="${key}")
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "${message}"}],
)
print(answer.choices[0].message.content)`,
    node: `// npm install openai
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${url}', apiKey: '${key}' });
const answer = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: '${message}' }],
});
console.log(answer.choices[0].message.content);`,
  };
}
