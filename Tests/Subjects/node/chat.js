// Says one thing to the configured model endpoint.
const crypto = require('node:crypto');

const base = (process.env.ANTHROPIC_BASE_URL || 'https://api.anthropic.com').replace(/\/$/, '');
fetch(`${base}/v1/messages`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-api-key': process.env.ANTHROPIC_API_KEY || 'none', 'anthropic-version': '2023-06-01', 'x-trace': crypto.randomUUID() },
  body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 32, messages: [{ role: 'user', content: 'Say hi.' }] }),
}).then((answer) => answer.json()).then((message) => console.log(message.content?.[0]?.text ?? '')).catch((error) => {
  console.error(error.cause?.code ?? error.message);
  process.exitCode = 1;
});
