// node scripts/push.mjs: pushes are taken in and opened by code that is not ours. The push service of web-push-testing is a
// real peer; what it cannot see, every byte of a record, http_ece opens.
import { execFile } from 'node:child_process'
import { createECDH } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../pb_public/package.json', import.meta.url))
const ece = require('http_ece')
const PushService = require('web-push-testing/src/server.js')
const { PushApiModel } = require('web-push-testing/src/PushApiModel.js')

// Not its own startServer: that listens to every address.
const model = new PushApiModel()
const service = new PushService(model, 0)
service.setRequestHandlers()
const server = createServer(service._app)
await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
const url = `http://127.0.0.1:${server.address().port}`
model.notifyUrl = url + '/notify/'

let passed = 0
let failed = 0
function part(name, ok, why = '') {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name}${ok ? '' : ': ' + why}`)
  if (ok) passed++
  else failed++
}

const run = await new Promise((done) => {
  execFile('go', ['test', '-tags', 'peer', '-count=1', '-run', '^TestPeer', '-v', './notify', '-args', '-peer=' + url], { maxBuffer: 1 << 24 },
    (error, stdout, stderr) => done({ text: stdout + stderr, stdout }))
})
server.close()
server.closeAllConnections()

for (const name of ['TestPeerOpens', 'TestPeerService']) part(name, run.stdout.includes(`--- PASS: ${name} `), run.text)
const pushes = [...run.stdout.matchAll(/^open (.*)$/gm)].map(([, line]) => JSON.parse(line))
part('there are pushes to open', pushes.length >= 2, run.text)
const lengths = new Set()
for (const { body, private: d, auth, text } of pushes) {
  const privateKey = createECDH('prime256v1')
  privateKey.setPrivateKey(Buffer.from(d, 'base64'))
  const authSecret = Buffer.from(auth, 'base64').toString('base64url')
  let opened = ''
  try {
    opened = ece.decrypt(Buffer.from(body, 'base64'), { version: 'aes128gcm', privateKey, authSecret }).toString()
  } catch (e) {
    opened = String(e)
  }
  lengths.add(body.length + ' ' + Buffer.byteLength(opened))
  part('http_ece opens what we closed', opened === text && JSON.parse(opened).web_push === 8030, opened)
}
part('all of one length', lengths.size === 1, [...lengths].join(', '))
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
