import type { FastifyInstance } from 'fastify';

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>WeAI</title>
<style>
:root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif; }
body { max-width: 42rem; margin: 15vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 2rem; letter-spacing: -0.03em; margin: 0; }
pre { overflow-x: auto; padding: 1rem; border-radius: 0.5rem; background: color-mix(in srgb, currentcolor 8%, transparent); }
</style>
</head>
<body>
<main>
<h1>WeAI</h1>
<p>The server is running. It answers <code>POST /v1/chat/completions</code> as the OpenAI API does, with a key:</p>
<pre><code>curl http://HOST/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $WEAI_API_KEY" \\
  -d '{"model": "llama3.1-8B", "messages": [{"role": "user", "content": "Hello"}]}'</code></pre>
<p>The first key is in the file <code>api-key</code> of the data directory; <code>weai keys create</code> makes more.
State of the server: <a href="/readyz">/readyz</a>.</p>
</main>
</body>
</html>
`;

/** The page at `/`, until the console is there. */
export function consoleRoutes(app: FastifyInstance): void {
  app.get('/', (request, reply) =>
    reply
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .header('x-content-type-options', 'nosniff')
      .type('text/html; charset=utf-8')
      .send(page.replace('HOST', /^[\w.:[\]-]+$/.test(request.host) ? request.host : 'localhost')),
  );
}
