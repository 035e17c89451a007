// Makes a workspace with random names.
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ws-'));
for (let i = 0; i < 3; i++) fs.writeFileSync(path.join(folder, crypto.randomBytes(6).toString('hex')), crypto.randomBytes(64));
fs.writeFileSync('workspace.json', JSON.stringify({ folder, made: new Date().toISOString() }) + '\n');
console.log('made');
