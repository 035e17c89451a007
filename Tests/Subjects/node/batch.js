// Sends five events at once; they arrive in any order.
const http = require('node:http');
const crypto = require('node:crypto');

const send = (name) => new Promise((resolve) => setTimeout(() => {
  const body = JSON.stringify({ name, id: crypto.randomUUID(), at: Date.now() });
  const request = http.request(
    { host: 'batch.example.net', path: '/events', method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } },
    (answer) => answer.resume().on('end', resolve));
  request.on('error', resolve);
  request.end(body);
}, Math.random() * 10));
Promise.all(['open', 'read', 'think', 'write', 'close'].map(send)).then(() => console.log('5 events'));
